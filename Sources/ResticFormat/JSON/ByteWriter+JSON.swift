/// JSON texts as Go's encoder writes them.
extension ByteWriter {
    /// `text` in quotes, escaped as Go does it with its HTML escaping.
    mutating func append(json text: String) {
        var text = text
        text.withUTF8 { append(json: UnsafeRawBufferPointer($0)) }
    }

    mutating func append(json bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(json: $0) }
    }

    /// Bytes that are not UTF-8 become `\ufffd`, each of them.
    mutating func append(json bytes: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        var index = 0
        while index < bytes.count {
            let end = PlainText.endOfRun(bytes, from: index)
            if end > index { append(UnsafeRawBufferPointer(rebasing: bytes[index..<end])) }
            index = end
            if index < bytes.count { index = appendEscaped(bytes, at: index) }
        }
        append(UInt8(ascii: "\""))
    }

    /// Writes the character at `index`, which needs thought, and gives the index after it.
    private mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let byte = bytes[index]
        if byte < 0x80 {
            append(escapedASCII: byte)
            return index + 1
        }
        let (scalar, length) = UTF8Scalar.decode(bytes, at: index)
        switch scalar {
        case nil: append("\\ufffd")
        case 0x2028?, 0x2029?:
            append("\\u")
            append(hex: scalar ?? 0, width: 4)
        default: append(UnsafeRawBufferPointer(rebasing: bytes[index..<(index + length)]))
        }
        return index + length
    }

    /// An ASCII character as it stands in a JSON string.
    mutating func append(escapedASCII byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0..<0x20:
            append("\\u00")
            append(hex: byte)
        default: append(byte)
        }
    }

    /// `prefix` and the number, or nothing at all for zero.
    @inline(__always)
    mutating func append(omittingZero number: UInt64, _ prefix: StaticString) {
        guard number != 0 else { return }
        append(prefix)
        append(decimal: number)
    }

    /// `prefix` and the text as JSON, or nothing at all if it is empty.
    mutating func append(omittingEmpty text: String, _ prefix: StaticString) {
        guard !text.isEmpty else { return }
        append(prefix)
        append(json: text)
    }

    /// Standard base64 with padding, in quotes.
    mutating func append(base64 bytes: [UInt8]) {
        append(UInt8(ascii: "\""))
        reserve((bytes.count + 2) / 3 * 4)
        var index = 0
        while index + 2 < bytes.count {
            appendGroup(UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]), 4)
            index += 3
        }
        switch bytes.count - index {
        case 1:
            appendGroup(UInt32(bytes[index]) << 16, 2)
            append("==")
        case 2:
            appendGroup(UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8, 3)
            append("=")
        default: break
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendGroup(_ group: UInt32, _ count: Int) {
        for place in 0..<count {
            append(Base64Alphabet.character(UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * place)) & 63))
        }
    }
}

enum Base64Alphabet {
    static func character(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: 0x41 + value
        case 26..<52: value - 26 + 0x61
        case 52..<62: value - 52 + 0x30
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x41...0x5A: character - 0x41
        case 0x61...0x7A: character - 0x61 + 26
        case 0x30...0x39: character - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// The bytes that `text` spells, padding and all; nil for anything else.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for (index, character) in text.dropLast(padding).enumerated() {
            guard let value = value(character) else { return nil }
            group = group << 6 | UInt32(value)
            guard index & 3 != 0 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(6 - 2 * (index & 3))))
        }
        return bytes
    }
}

enum PlainText {
    /// The end of the run of ASCII characters from `start` on that JSON and Go quoting leave as they are.
    @inline(__always)
    static func endOfRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index < bytes.count, isPlain(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): false
        default: byte >= 0x20 && byte < 0x7F
        }
    }
}

enum UTF8Scalar {
    /// The scalar that begins at `index`, with its length; nil with length 1 for a byte that begins no valid one.
    static func decode(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (scalar: UInt32?, length: Int) {
        let first = bytes[index]
        let length: Int
        let least: UInt32
        var scalar: UInt32
        switch first {
        case 0..<0x80: return (UInt32(first), 1)
        case 0xC2..<0xE0: (length, least, scalar) = (2, 0x80, UInt32(first & 0x1F))
        case 0xE0..<0xF0: (length, least, scalar) = (3, 0x800, UInt32(first & 0x0F))
        case 0xF0..<0xF5: (length, least, scalar) = (4, 0x10000, UInt32(first & 0x07))
        default: return (nil, 1)
        }
        guard bytes.count - index >= length else { return (nil, 1) }
        for offset in 1..<length {
            let next = bytes[index + offset]
            guard next & 0xC0 == 0x80 else { return (nil, 1) }
            scalar = scalar << 6 | UInt32(next & 0x3F)
        }
        let isValid = scalar >= least && scalar <= 0x10FFFF && !(0xD800..<0xE000).contains(scalar)
        return isValid ? (scalar, length) : (nil, 1)
    }

    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            let (scalar, length) = decode(bytes, at: index)
            if scalar == nil { return false }
            index += length
        }
        return true
    }

    /// Appends the scalar's UTF-8, U+FFFD for what is no scalar.
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        let known = Unicode.Scalar(scalar) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(known)!)
    }
}
