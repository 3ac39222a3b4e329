/// 16 random bytes, new for every sealed object; never used twice with one key.
package struct InitializationVector: Sendable, Hashable {
    /// The bytes in memory order, in two halves.
    let low: UInt64
    let high: UInt64

    package static let byteCount = 16

    /// Draws one. `generator` must be a cryptographic one, except in tests.
    package init(using generator: inout some RandomNumberGenerator) {
        var low = generator.next()
        let high = generator.next()
        // All zero is refused by every reader.
        if low == 0 && high == 0 { low = 1 }
        self.low = low
        self.high = high
    }

    /// 16 given bytes, for known answers; nil for another length or all zero.
    package init?(bytes: [UInt8]) {
        guard bytes.count == InitializationVector.byteCount, bytes.contains(where: { $0 != 0 }) else { return nil }
        (low, high) = bytes.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes(of: (low, high)) { body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }
}
