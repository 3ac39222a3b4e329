/// A number of bytes, so that it cannot be mistaken for a number of anything else.
package struct ByteCount: Sendable, Hashable, Comparable, AdditiveArithmetic, CustomStringConvertible {
    package var bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }
    package init(_ bytes: Int) { self.bytes = Int64(bytes) }

    package static var zero: ByteCount { ByteCount(0 as Int64) }
    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
    package static func + (left: ByteCount, right: ByteCount) -> ByteCount { ByteCount(left.bytes + right.bytes) }
    package static func - (left: ByteCount, right: ByteCount) -> ByteCount { ByteCount(left.bytes - right.bytes) }

    /// For people: `0 B`, `999 B`, `1.5 KiB`, `20.0 GiB`. One decimal above bytes, units of 1,024.
    package var description: String {
        let magnitude = bytes.magnitude
        guard magnitude >= 1024 else { return "\(bytes) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var divisor: UInt64 = 1024
        var unit = 0
        while magnitude / 1024 >= divisor {
            divisor <<= 10
            unit += 1
        }
        // One decimal, rounded half up, without a formatter.
        let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: divisor)
        let tenths = whole * 10 + (rest / (divisor >> 10) * 10 + 512) >> 10
        return "\(bytes < 0 ? "-" : "")\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
