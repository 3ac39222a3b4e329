/// A key that seals and opens: the repository's, or the one that a password gives.
///
/// A sealed object is `IV || ciphertext || authentication code`: AES-256 in counter mode, Poly1305-AES over the ciphertext.
/// The key's bytes are kept in one place that is wiped when the last reference goes; no text shows them.
///
/// Unchecked because of the pointer: what it points to is never changed between `init` and `deinit`.
package final class MasterKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes that sealing adds.
    package static let overhead = 32
    /// Bytes of the three parts together: AES-256 key, Poly1305-AES k and r.
    package static let byteCount = 64

    private let parts: UnsafeMutablePointer<UInt8>

    /// - Parameters:
    ///   - encrypt: 32 bytes.
    ///   - k: 16 bytes, the key of the nonce.
    ///   - r: 16 bytes as stored; they are clamped when used.
    /// - Throws: `unusableKey` for other lengths, and if one part is all zero.
    package init(encrypt: [UInt8], k: [UInt8], r: [UInt8]) throws(FormatError) {
        guard encrypt.count == 32, k.count == 16, r.count == 16 else {
            throw FormatError(.unusableKey, "the key's parts have \(encrypt.count), \(k.count) and \(r.count) bytes")
        }
        guard [encrypt, k, r].allSatisfy({ part in part.contains { $0 != 0 } }) else {
            throw FormatError(.unusableKey, "a part of the key is all zero")
        }
        parts = .allocate(capacity: MasterKey.byteCount)
        parts.initialize(from: encrypt + k + r, count: MasterKey.byteCount)
    }

    deinit {
        parts.update(repeating: 0, count: MasterKey.byteCount)
        parts.deallocate()
    }

    /// A new key. `generator` must be a cryptographic one, except in tests.
    package convenience init(using generator: inout some RandomNumberGenerator) throws(FormatError) {
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        try self.init(encrypt: random(32), k: random(16), r: random(16))
    }

    package var description: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Seals `plain` into `output`, which has exactly `plain.count + 32` bytes. `plain` may lie in `output` from byte 16.
    package func seal(_ plain: UnsafeRawBufferPointer, iv: InitializationVector, into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count == plain.count + MasterKey.overhead, "the sealed object has \(output.count) bytes")
    }

    package func seal(_ plain: [UInt8], iv: InitializationVector) -> [UInt8] {
        plain.withUnsafeBytes { seal($0, iv: iv) }
    }

    package func seal(_ plain: UnsafeRawBufferPointer, iv: InitializationVector) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: plain.count + MasterKey.overhead) { buffer, count in
            count = plain.count + MasterKey.overhead
            seal(plain, iv: iv, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
        }
    }

    /// Checks and opens `sealed` into `output`, which has exactly `sealed.count - 32` bytes and may be `sealed` from byte 16.
    /// Nothing is written if the check fails.
    /// - Throws: `unauthenticated`; `malformed` if `sealed` is shorter than 32 bytes.
    package func open(_ sealed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(FormatError) {
        throw FormatError(.unauthenticated, "not yet")
    }

    /// - Throws: `unauthenticated`; `malformed` if `sealed` is shorter than 32 bytes.
    package func open(_ sealed: UnsafeRawBufferPointer) throws(FormatError) -> [UInt8] {
        throw FormatError(.unauthenticated, "not yet")
    }

    package func open(_ sealed: [UInt8]) throws(FormatError) -> [UInt8] {
        try sealed.withUnsafeBytes { bytes throws(FormatError) in try open(bytes) }
    }
}
