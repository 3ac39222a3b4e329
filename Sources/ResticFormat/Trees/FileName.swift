/// The name of a directory entry: any bytes, ordered by byte value. Never a text: names need not be UTF-8.
package struct FileName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(_ text: String) { bytes = Array(text.utf8) }

    package static func < (left: FileName, right: FileName) -> Bool {
        left.bytes.withUnsafeBytes { first in
            right.bytes.withUnsafeBytes { second in ByteOrder.isLess(first, second) }
        }
    }

    /// Whether the name can stand in a directory: not empty, not `.` or `..`, without `/` and NUL. Everything else from
    /// a tree must be refused, never resolved.
    package var isPlain: Bool {
        switch bytes.count {
        case 0: return false
        case 1 where bytes[0] == UInt8(ascii: "."): return false
        case 2 where bytes[0] == UInt8(ascii: ".") && bytes[1] == UInt8(ascii: "."): return false
        default: return !bytes.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        }
    }

    /// For people: what is not UTF-8 becomes U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

enum ByteOrder {
    /// Whether `first` comes before `second` byte by byte, the shorter one first where it is the beginning of the other.
    static func isLess(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        let shared = min(first.count, second.count)
        var index = 0
        while index < shared {
            if first[index] != second[index] { return first[index] < second[index] }
            index += 1
        }
        return first.count < second.count
    }
}
