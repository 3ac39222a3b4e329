/// Names in a tree are quoted as Go quotes strings, and then escaped as JSON: so every byte survives.
extension ByteWriter {
    /// The name as a JSON string, both steps in one pass.
    mutating func append(name bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(name: $0) }
    }

    private mutating func append(name bytes: UnsafeRawBufferPointer) {
        append("\"")
        var index = 0
        while index < bytes.count {
            let end = PlainText.endOfRun(bytes, from: index)
            if end > index { append(UnsafeRawBufferPointer(rebasing: bytes[index..<end])) }
            index = end
            if index < bytes.count { index = appendQuoted(bytes, at: index) }
        }
        append("\"")
    }

    /// Writes the character at `index`, which does not stand for itself, and gives the index after it.
    private mutating func appendQuoted(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let byte = bytes[index]
        if byte < 0x80 {
            append(quotedASCII: byte)
            return index + 1
        }
        let (scalar, length) = UTF8Scalar.decode(bytes, at: index)
        guard let scalar else {
            append("\\\\x")
            append(hex: byte)
            return index + 1
        }
        if PrintableScalars.contains(scalar) {
            append(UnsafeRawBufferPointer(rebasing: bytes[index..<(index + length)]))
        } else if scalar < 0x10000 {
            append("\\\\u")
            append(hex: scalar, width: 4)
        } else {
            append("\\\\U")
            append(hex: scalar, width: 8)
        }
        return index + length
    }

    private mutating func append(quotedASCII byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\\"): append("\\\\\\\\")
        case UInt8(ascii: "\""): append("\\\\\\\"")
        case 0x07: append("\\\\a")
        case 0x08: append("\\\\b")
        case 0x0C: append("\\\\f")
        case 0x0A: append("\\\\n")
        case 0x0D: append("\\\\r")
        case 0x09: append("\\\\t")
        case 0x0B: append("\\\\v")
        case 0..<0x20, 0x7F:
            append("\\\\x")
            append(hex: byte)
        // `<`, `>` and `&` are escaped by JSON alone.
        default: append(escapedASCII: byte)
        }
    }
}

extension JSONReader {
    /// A name: JSON unescaped, then Go's quoting undone.
    mutating func fileName() throws(FormatError) -> FileName {
        let span = try stringSpan()
        if !span.hasEscapes, span.isASCII { return FileName(Array(raw(span))) }
        let quoted = try unescaped(span)
        // Only a backslash or a quote can be anything but itself.
        guard span.hasEscapes else { return FileName(quoted) }
        guard let name = quoted.withUnsafeBytes({ GoQuoting.unquote($0) }) else {
            throw failure("tree: a name that is not quoted as it should be before")
        }
        return FileName(name)
    }
}

enum GoQuoting {
    /// The bytes that a quoted text without its quotes stands for; nil if it is none.
    static func unquote(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\"") || byte == 0x0A { return nil }
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                index += 1
                continue
            }
            guard index + 1 < text.count, let next = unescape(text, at: index + 1, to: &bytes) else { return nil }
            index = next
        }
        return bytes
    }

    /// Appends what the escape whose letter is at `index` stands for, and gives the index after it.
    private static func unescape(_ text: UnsafeRawBufferPointer, at index: Int, to bytes: inout [UInt8]) -> Int? {
        switch text[index] {
        case UInt8(ascii: "a"): bytes.append(0x07)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "v"): bytes.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes.append(text[index])
        case UInt8(ascii: "x"): return byte(text, at: index + 1, to: &bytes)
        case UInt8(ascii: "u"): return scalar(text, at: index + 1, width: 4, to: &bytes)
        case UInt8(ascii: "U"): return scalar(text, at: index + 1, width: 8, to: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): return octal(text, at: index, to: &bytes)
        default: return nil
        }
        return index + 1
    }

    private static func byte(_ text: UnsafeRawBufferPointer, at index: Int, to bytes: inout [UInt8]) -> Int? {
        guard let value = HexDigits.value(text, from: index, count: 2) else { return nil }
        bytes.append(UInt8(value))
        return index + 2
    }

    private static func scalar(
        _ text: UnsafeRawBufferPointer, at index: Int, width: Int, to bytes: inout [UInt8]
    ) -> Int? {
        guard let value = HexDigits.value(text, from: index, count: width), let scalar = Unicode.Scalar(value) else {
            return nil
        }
        UTF8Scalar.append(scalar.value, to: &bytes)
        return index + width
    }

    private static func octal(_ text: UnsafeRawBufferPointer, at index: Int, to bytes: inout [UInt8]) -> Int? {
        guard text.count - index >= 3 else { return nil }
        var value = 0
        for offset in 0..<3 {
            let digit = text[index + offset] &- 0x30
            guard digit < 8 else { return nil }
            value = value * 8 + Int(digit)
        }
        guard value < 256 else { return nil }
        bytes.append(UInt8(value))
        return index + 3
    }
}
