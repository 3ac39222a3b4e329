extension JSONReader {
    /// A string as bytes, unescaped; what is not UTF-8 becomes U+FFFD. Null is empty.
    mutating func stringBytes() throws(FormatError) -> [UInt8] {
        if takeNull() { return [] }
        return try unescaped(try stringSpan())
    }

    mutating func string() throws(FormatError) -> String {
        if takeNull() { return "" }
        let span = try stringSpan()
        if !span.hasEscapes, span.isASCII { return String(decoding: raw(span), as: UTF8.self) }
        return String(decoding: try unescaped(span), as: UTF8.self)
    }

    mutating func strings() throws(FormatError) -> [String] {
        if takeNull() { return [] }
        var texts: [String] = []
        var isFirst = true
        while try nextElement(&isFirst) { texts.append(try string()) }
        return texts
    }

    /// Standard base64 with padding. Null is empty.
    mutating func base64() throws(FormatError) -> [UInt8] {
        let start = position
        guard let bytes = Base64Alphabet.decode(try stringBytes()) else {
            move(to: start)
            throw failure("JSON: no base64")
        }
        return bytes
    }

    /// An id, nil for null.
    mutating func optionalID() throws(FormatError) -> ResticID? {
        takeNull() ? nil : try id()
    }

    mutating func name(_ key: JSONKey) throws(FormatError) -> String {
        String(decoding: try unescaped(key.span), as: UTF8.self)
    }

    /// A member that is kept as it stands.
    mutating func unknownMember(_ key: JSONKey) throws(FormatError) -> UnknownMember {
        let name = try name(key)
        return UnknownMember(name: name, json: try rawValue())
    }

    /// The text of the next value, which is checked to be one.
    mutating func rawValue() throws(FormatError) -> [UInt8] {
        _ = peek()
        let start = position
        try skipValue()
        return Array(bytes[start..<position])
    }

    func unescaped(_ span: StringSpan) throws(FormatError) -> [UInt8] {
        let text = raw(span)
        if !span.hasEscapes, span.isASCII { return Array(text) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\") {
                index = try unescape(text, at: index, to: &result)
            } else {
                let (scalar, length) = UTF8Scalar.decode(text, at: index)
                UTF8Scalar.append(scalar ?? 0xFFFD, to: &result)
                index += length
            }
        }
        return result
    }

    /// Appends what the escape at `index` stands for and gives the index after it.
    private func unescape(
        _ text: UnsafeRawBufferPointer, at index: Int, to result: inout [UInt8]
    ) throws(FormatError) -> Int {
        guard index + 1 < text.count else { throw failure("JSON: an escape does not end") }
        switch text[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(text[index + 1])
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): return try unescapeUnit(text, at: index, to: &result)
        default: throw failure("JSON: an unknown escape before")
        }
        return index + 2
    }

    private func unescapeUnit(
        _ text: UnsafeRawBufferPointer, at index: Int, to result: inout [UInt8]
    ) throws(FormatError) -> Int {
        guard let unit = HexDigits.value(text, from: index + 2, count: 4) else {
            throw failure("JSON: an escape without four digits before")
        }
        var scalar = unit
        var next = index + 6
        let isHighSurrogate = (0xD800..<0xDC00).contains(unit)
        if isHighSurrogate, next + 1 < text.count, text[next] == UInt8(ascii: "\\"),
            text[next + 1] == UInt8(ascii: "u"),
            let low = HexDigits.value(text, from: next + 2, count: 4), (0xDC00..<0xE000).contains(low)
        {
            scalar = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        UTF8Scalar.append(scalar, to: &result)
        return next
    }

    // MARK: Skipping

    /// Passes over one value of any kind and checks that it is one.
    mutating func skipValue(depth: Int = 0) throws(FormatError) {
        guard depth < JSONReader.maximumDepth else {
            throw FormatError(
                .limitExceeded, "JSON: nested more than \(JSONReader.maximumDepth) deep at byte \(position)")
        }
        switch peek() {
        case UInt8(ascii: "{"):
            try beginObject()
            var isFirst = true
            while let key = try nextKey(&isFirst) {
                _ = key
                try skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            var isFirst = true
            while try nextElement(&isFirst) { try skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""):
            let span = try stringSpan()
            if span.hasEscapes { _ = try unescaped(span) }
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): guard takeNull() else { throw failure("JSON: no value") }
        default: try skipNumber()
        }
    }

    private mutating func skipNumber() throws(FormatError) {
        _ = take(UInt8(ascii: "-"))
        let first = position
        guard skipDigits(), bytes[first] != 0x30 || position == first + 1 else { throw failure("JSON: no value") }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            move(to: position + 1)
            guard skipDigits() else { throw failure("JSON: a number without digits") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            move(to: position + 1)
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                move(to: position + 1)
            }
            guard skipDigits() else { throw failure("JSON: a number without digits") }
        }
    }

    private mutating func skipDigits() -> Bool {
        let first = position
        while position < bytes.count, bytes[position] &- 0x30 <= 9 { move(to: position + 1) }
        return position > first
    }
}

enum HexDigits {
    /// The number that `count` hexadecimal digits of either case spell; nil if there are not so many.
    static func value(_ text: UnsafeRawBufferPointer, from start: Int, count: Int) -> UInt32? {
        guard text.count - start >= count else { return nil }
        var value: UInt32 = 0
        for index in start..<(start + count) {
            let digit: UInt8
            switch text[index] {
            case 0x30...0x39: digit = text[index] - 0x30
            case 0x41...0x46: digit = text[index] - 0x41 + 10
            case 0x61...0x66: digit = text[index] - 0x61 + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
