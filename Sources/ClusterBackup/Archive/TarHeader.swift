/// One 512-byte header block of a tar file. Source: POSIX.1-2017, pax interchange format; GNU tar manual for `L`, `K`
/// and numbers in base 256.
struct TarHeader: Sendable, Hashable {
    static let blockSize = 512

    /// Prefix and name joined.
    var path: String
    var size: Int64
    var type: UInt8

    enum Problem: Error { case checksum, size, path }

    /// Reads one block that is not all zero.
    init(_ block: UnsafeRawBufferPointer) throws(Problem) {
        precondition(block.count == TarHeader.blockSize, "a header has 512 bytes")
        guard let stored = TarHeader.octal(block[148..<156]), stored == TarHeader.checksum(block) else {
            throw .checksum
        }
        guard let size = TarHeader.number(block[124..<136]), size >= 0 else { throw .size }
        self.size = size
        type = block[156]
        let name = TarHeader.text(block[0..<100])
        // Only POSIX's magic gives the prefix its meaning; old GNU headers keep times there.
        let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
        let prefix = isPOSIX ? TarHeader.text(block[345..<500]) : []
        let joined = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
        guard let path = String(validating: joined, as: UTF8.self) else { throw .path }
        self.path = path
    }

    private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        Array(field.prefix { $0 != 0 })
    }

    /// The sum of all bytes, the checksum field taken as blanks.
    private static func checksum(_ block: UnsafeRawBufferPointer) -> Int64 {
        var sum: Int64 = 0
        for (index, byte) in block.enumerated() {
            sum += (148..<156).contains(index) ? 0x20 : Int64(byte)
        }
        return sum
    }

    /// Octal digits between blanks and NULs; an empty field is 0.
    private static func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        var value: Int64 = 0
        var hasEnded = false
        for byte in field.drop(while: { $0 == 0x20 }) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                guard !hasEnded, value < 1 << 59 else { return nil }
                value = value << 3 | Int64(byte - UInt8(ascii: "0"))
            case 0, 0x20: hasEnded = true
            default: return nil
            }
        }
        return value
    }

    /// Octal, or base 256 if the first bit is set.
    private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
        guard first == 0x80 else { return nil }
        var value: Int64 = 0
        for byte in field.dropFirst() {
            guard value < 1 << 54 else { return nil }
            value = value << 8 | Int64(byte)
        }
        return value
    }
}
