import CRestic

/// A key that seals and opens: the repository's, or the one that a password gives.
///
/// A sealed object is `IV || ciphertext || authentication code`: AES-256 in counter mode, Poly1305-AES over the ciphertext.
/// The key's bytes are kept in one place that is wiped when the last reference goes; no text shows them.
///
/// Unchecked because of the pointers: what they point to is never changed between `init` and `deinit`.
package final class MasterKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes that sealing adds.
    package static let overhead = Int(CRESTIC_SEAL_OVERHEAD)
    /// Bytes of the three parts together: AES-256 key, Poly1305-AES k and r.
    static let byteCount = 64

    private let parts: UnsafeMutablePointer<UInt8>
    private let expanded: UnsafeMutablePointer<crestic_seal_key>

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
        expanded = .allocate(capacity: 1)
        expanded.initialize(to: crestic_seal_key())
        crestic_seal_key_init(expanded, encrypt, k, r)
    }

    deinit {
        crestic_clear(parts, MasterKey.byteCount)
        crestic_clear(expanded, MemoryLayout<crestic_seal_key>.size)
        parts.deallocate()
        expanded.deallocate()
    }

    /// A new key. `generator` must be a cryptographic one, except in tests.
    package convenience init(using generator: inout some RandomNumberGenerator) throws(FormatError) {
        let encrypt = MasterKey.random(32, &generator)
        let k = MasterKey.random(16, &generator)
        try self.init(encrypt: encrypt, k: k, r: MasterKey.random(16, &generator))
    }

    package var description: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The parts themselves, for the key file. Secret.
    func reveal() -> (encrypt: [UInt8], k: [UInt8], r: [UInt8]) {
        let all = Array(UnsafeBufferPointer(start: parts, count: MasterKey.byteCount))
        return (Array(all[..<32]), Array(all[32..<48]), Array(all[48...]))
    }

    private static func random(_ count: Int, _ generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

/// Sealing and opening. Nothing is allocated by those that take a buffer for the result.
extension MasterKey {
    /// Seals `plain` into `output`, which has exactly `plain.count + 32` bytes. `plain` may lie in `output` from byte 16.
    package func seal(
        _ plain: UnsafeRawBufferPointer, iv: InitializationVector, into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(output.count == plain.count + MasterKey.overhead, "no room for the sealed object: \(output.count)")
        let target = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
        iv.withBytes { crestic_seal(expanded, $0, SHA256Kernel.pointer(plain), plain.count, target) }
    }

    package func seal(_ plain: UnsafeRawBufferPointer, iv: InitializationVector) -> [UInt8] {
        let length = plain.count + MasterKey.overhead
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            seal(plain, iv: iv, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: length))
            count = length
        }
    }

    package func seal(_ plain: [UInt8], iv: InitializationVector) -> [UInt8] {
        plain.withUnsafeBytes { seal($0, iv: iv) }
    }

    /// Checks and opens `sealed` into `output`, which has exactly `sealed.count - 32` bytes and may be `sealed` from byte
    /// 16 on. Nothing is written if the check fails.
    /// - Throws: `unauthenticated`; `malformed` if `sealed` is shorter than 32 bytes.
    package func open(
        _ sealed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(FormatError) {
        try check(sealed)
        precondition(output.count == sealed.count - MasterKey.overhead, "no room for the content: \(output.count)")
        // An empty buffer may have no address; the kernel writes nothing to it then.
        var nothing: UInt8 = 0
        let opened = withUnsafeMutablePointer(to: &nothing) { spare in
            let target = output.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? spare
            return crestic_open(expanded, SHA256Kernel.pointer(sealed), sealed.count, target)
        }
        guard opened == 1 else { throw MasterKey.unauthenticated(sealed.count) }
    }

    /// Whether `sealed` is a seal of `plain`: for whoever has just sealed and does not trust memory.
    package func isSeal(_ sealed: UnsafeRawBufferPointer, of plain: UnsafeRawBufferPointer) -> Bool {
        guard sealed.count == plain.count + MasterKey.overhead else { return false }
        return crestic_is_seal(
            expanded, SHA256Kernel.pointer(sealed), sealed.count, SHA256Kernel.pointer(plain)) == 1
    }

    /// - Throws: `unauthenticated`; `malformed` if `sealed` is shorter than 32 bytes.
    package func open(_ sealed: UnsafeRawBufferPointer) throws(FormatError) -> [UInt8] {
        try check(sealed)
        let length = sealed.count - MasterKey.overhead
        var isOpened = false
        let plain = [UInt8](unsafeUninitializedCapacity: max(length, 1)) { buffer, count in
            isOpened = crestic_open(expanded, SHA256Kernel.pointer(sealed), sealed.count, buffer.baseAddress!) == 1
            count = isOpened ? length : 0
        }
        guard isOpened else { throw MasterKey.unauthenticated(sealed.count) }
        return plain
    }

    package func open(_ sealed: [UInt8]) throws(FormatError) -> [UInt8] {
        try sealed.withRawBytes { bytes throws(FormatError) in try open(bytes) }
    }

    private func check(_ sealed: UnsafeRawBufferPointer) throws(FormatError) {
        guard sealed.count >= MasterKey.overhead else {
            throw FormatError(.malformed, "\(sealed.count) bytes are too few for a sealed object")
        }
        guard !isAllZero(UnsafeRawBufferPointer(rebasing: sealed[..<InitializationVector.byteCount])) else {
            throw FormatError(.unauthenticated, "the sealed object of \(sealed.count) bytes has an all-zero IV")
        }
    }

    private static func unauthenticated(_ length: Int) -> FormatError {
        FormatError(.unauthenticated, "the authentication code of \(length) sealed bytes does not match")
    }
}
