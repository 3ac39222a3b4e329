/// Times as Go writes them: `2026-01-02T03:04:05.5+01:00`.
extension NodeTime {
    /// What Go writes for "no time": 0001-01-01T00:00:00Z.
    package static let zero = NodeTime(seconds: -62_135_596_800)

    /// The text as it stands in JSON, without quotes.
    package var description: String {
        var writer = ByteWriter(capacity: 48)
        writer.append(self)
        return writer.withBytes { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) }
    }

    /// Nil unless `text` is an RFC 3339 time of the years 0 to 9999.
    package init?(_ text: String) {
        var text = text
        guard let time = text.withUTF8({ TimeText(UnsafeRawBufferPointer($0)).time() }) else { return nil }
        self = time
    }
}

extension NodeTime: CustomStringConvertible {}

extension ByteWriter {
    /// The time in quotes. Integer arithmetic only.
    mutating func append(_ time: NodeTime) {
        reserve(40)
        let local = time.seconds + Int64(time.zoneOffset)
        // Shifted by 2000 years, after which the calendar repeats, so that only natural numbers are divided.
        let shifted = local + 5 * 146_097 * 86_400
        let days = shifted / 86_400 - 5 * 146_097
        let second = shifted % 86_400
        let (year, month, day) = CalendarDate.date(days)
        append("\"")
        append(year, width: 4)
        append("-")
        append(month, width: 2)
        append("-")
        append(day, width: 2)
        append("T")
        append(second / 3_600, width: 2)
        append(":")
        append(second % 3_600 / 60, width: 2)
        append(":")
        append(second % 60, width: 2)
        if time.nanoseconds != 0 { append(fraction: Int64(time.nanoseconds)) }
        append(zone: Int64(time.zoneOffset))
    }

    /// Up to nine digits without trailing zeros.
    private mutating func append(fraction nanoseconds: Int64) {
        var digits = nanoseconds
        var width = 9
        while digits % 10 == 0 {
            digits /= 10
            width -= 1
        }
        append(".")
        append(digits, width: width)
    }

    private mutating func append(zone offset: Int64) {
        if offset == 0 {
            append("Z\"")
            return
        }
        // Seconds of an offset, which zones had before 1900, are not written.
        let minutes = abs(offset) / 60
        append(offset < 0 ? "-" : "+")
        append(minutes / 60, width: 2)
        append(":")
        append(minutes % 60, width: 2)
        append("\"")
    }
}

extension JSONReader {
    /// A time; null is the zero time.
    mutating func time() throws(FormatError) -> NodeTime {
        if takeNull() { return .zero }
        let span = try stringSpan()
        guard !span.hasEscapes, let time = TimeText(raw(span)).time() else { throw failure("JSON: no time before") }
        return time
    }
}

/// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)` at fixed places.
private struct TimeText {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func time() -> NodeTime? {
        guard bytes.count >= 20, bytes.count <= 64, hasSeparators else { return nil }
        let year = digits(0, 4)
        let month = digits(5, 2)
        let day = digits(8, 2)
        let hour = digits(11, 2)
        let minute = digits(14, 2)
        let second = digits(17, 2)
        guard year >= 0, hour >= 0, hour < 24, minute >= 0, minute < 60, second >= 0, second < 60,
            CalendarDate.exists(year: year, month: month, day: day), let (nanoseconds, next) = fraction(),
            let offset = zone(from: next)
        else { return nil }
        let days = CalendarDate.days(year: year, month: month, day: day)
        let local = days * 86_400 + hour * 3_600 + minute * 60 + second
        return NodeTime(seconds: local - Int64(offset), nanoseconds: nanoseconds, zoneOffset: offset)
    }

    private var hasSeparators: Bool {
        bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-") && bytes[10] == UInt8(ascii: "T")
            && bytes[13] == UInt8(ascii: ":") && bytes[16] == UInt8(ascii: ":")
    }

    /// The number of `count` digits; negative if one is none. The caller has compared with `bytes.count`.
    @inline(__always)
    private func digits(_ start: Int, _ count: Int) -> Int64 {
        var value: Int64 = 0
        for index in start..<(start + count) {
            let digit = bytes[index] &- 0x30
            if digit > 9 { return -1 }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    /// Nanoseconds and where the zone begins. Digits after the ninth are dropped.
    private func fraction() -> (Int32, Int)? {
        guard bytes[19] == UInt8(ascii: ".") else { return (0, 19) }
        var index = 20
        var value: Int32 = 0
        while index < bytes.count, case let digit = bytes[index] &- 0x30, digit <= 9 {
            if index < 29 { value = value * 10 + Int32(digit) }
            index += 1
        }
        guard index > 20 else { return nil }
        for _ in min(index, 29)..<29 { value *= 10 }
        return (value, index)
    }

    /// Seconds east of UTC.
    private func zone(from start: Int) -> Int32? {
        guard start < bytes.count else { return nil }
        if bytes[start] == UInt8(ascii: "Z") { return start + 1 == bytes.count ? 0 : nil }
        guard bytes.count - start == 6, bytes[start + 3] == UInt8(ascii: ":") else { return nil }
        let hours = digits(start + 1, 2)
        let minutes = digits(start + 4, 2)
        guard hours >= 0, hours < 24, minutes >= 0, minutes < 60 else { return nil }
        let offset = Int32(hours * 3_600 + minutes * 60)
        switch bytes[start] {
        case UInt8(ascii: "+"): return offset
        case UInt8(ascii: "-"): return -offset
        default: return nil
        }
    }
}
