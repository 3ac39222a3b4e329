/// 32 bytes that name a file or a blob: the SHA-256 of the stored bytes, or of the content.
///
/// The bytes are kept as four integers, the first byte most significant, so that integer comparison is byte order.
package struct ResticID: Sendable, Comparable, CustomStringConvertible {
    package let word0: UInt64
    package let word1: UInt64
    package let word2: UInt64
    package let word3: UInt64

    package static let byteCount = 32

    package init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    package static func < (left: ResticID, right: ResticID) -> Bool {
        (left.word0, left.word1, left.word2, left.word3) < (right.word0, right.word1, right.word2, right.word3)
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        String(unsafeUninitializedCapacity: 64) { buffer in
            writeHex(to: UnsafeMutableRawBufferPointer(buffer).baseAddress!)
            return 64
        }
    }

    /// The first 8 digits, as people see and type it.
    package var shortDescription: String { String(description.prefix(8)) }

    /// Exactly 64 lower-case digits; nil for anything else, upper case included.
    package init?(_ hex: some StringProtocol) {
        var text = String(hex)
        let id = text.withUTF8 { ResticID(hexDigits: UnsafeRawBufferPointer($0)) }
        guard let id else { return nil }
        self = id
    }
}

extension ResticID: Hashable {
    /// Ids are evenly spread already: their first 8 bytes are enough for the standard library's keyed hash.
    package func hash(into hasher: inout Hasher) { hasher.combine(word0) }
}

extension ResticID {
    /// The id of `bytes`: their SHA-256.
    package init(hashing bytes: UnsafeRawBufferPointer) {
        self = SHA256Kernel.hash(bytes)
    }

    package init(hashing bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { SHA256Kernel.hash($0) }
    }

    package init(hashing bytes: RawSpan) {
        self = bytes.withUnsafeBytes { SHA256Kernel.hash($0) }
    }

    /// 32 bytes that are an id already; nil for another length.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == ResticID.byteCount else { return nil }
        self.init(loadingFrom: bytes.baseAddress!)
    }

    package init?(bytes: [UInt8]) {
        guard let id = bytes.withUnsafeBytes({ ResticID(bytes: $0) }) else { return nil }
        self = id
    }

    /// A random id, for a new repository.
    package init(using generator: inout some RandomNumberGenerator) {
        self.init(generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// - Precondition: 32 bytes are readable at `pointer`.
    init(loadingFrom pointer: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        self.init(word(0), word(1), word(2), word(3))
    }

    /// - Precondition: 32 bytes are writable at `pointer`.
    func store(to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: word0.bigEndian, as: UInt64.self)
        pointer.storeBytes(of: word1.bigEndian, toByteOffset: 8, as: UInt64.self)
        pointer.storeBytes(of: word2.bigEndian, toByteOffset: 16, as: UInt64.self)
        pointer.storeBytes(of: word3.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ResticID.byteCount) { buffer, count in
            store(to: UnsafeMutableRawBufferPointer(buffer).baseAddress!)
            count = ResticID.byteCount
        }
    }
}
