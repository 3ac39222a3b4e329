/// What is wrong with a text that should be JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable { case syntax, tooDeep, truncated, trailingBytes, invalidUTF8 }
    package let code: Code
    /// Offset in bytes from the start of the text.
    package let offset: Int
    package var description: String { "not valid JSON at byte \(offset): \(code)" }
}

extension JSONValue {
    /// Deeper documents are refused: no Kubernetes object comes near it, and recursion is not free.
    package static let maximumDepth = 256

    /// Decodes one JSON text (RFC 8259). Memory is a small multiple of the text; a key written twice keeps its last
    /// value, as the API server does.
    package init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        let result: Result<JSONValue, JSONError> =
            bytes.withContiguousStorageIfAvailable { JSONParser.parse(UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { JSONParser.parse($0) }
        self = try result.get()
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// A recursive-descent reader over bytes that stay in place.
private struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// The members of the objects under way, innermost last.
    private var members: [(key: String, value: JSONValue)] = []

    static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes)
        do throws(JSONError) {
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.position == bytes.count else { throw parser.error(.trailingBytes) }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private func error(_ code: JSONError.Code) -> JSONError { JSONError(code: code, offset: position) }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw error(.truncated) }
        return bytes[position]
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < JSONValue.maximumDepth else { throw error(.tooDeep) }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard try peek() == text.utf8Start[index] else { throw error(.syntax) }
            position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object([:])
        }
        let first = members.count
        while true {  // Ends with the closing brace, or with an error at the end of the bytes.
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw error(.syntax) }
            let key = try string()
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw error(.syntax) }
            position += 1
            let value = try value(depth: depth + 1)
            members.append((key, value))
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(takeMembers(from: first))
            default: throw error(.syntax)
            }
        }
    }

    /// The members since `first` as a dictionary of the right size: one that grows would be hashed again and again.
    private mutating func takeMembers(from first: Int) -> [String: JSONValue] {
        var object = [String: JSONValue](minimumCapacity: members.count - first)
        for index in first..<members.count { object[members[index].key] = members[index].value }
        members.removeSubrange(first...)
        return object
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {  // Ends with the closing bracket, or with an error at the end of the bytes.
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw error(.syntax)
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw error(position < bytes.count ? .syntax : .truncated) }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try text(start..<position, isASCII: isASCII)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw error(.syntax) }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        throw error(.truncated)
    }

    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSONError) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        // What is ASCII is valid; decoding it is a copy.
        if isASCII { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else { throw error(.invalidUTF8) }
        return text
    }

    /// The slow way, for strings with at least one escape; `position` is at the first of them.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw error(.invalidUTF8) }
                return string
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw error(.syntax)
            default: text.append(byte)
            }
        }
        throw error(.truncated)
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicodeScalar()).utf8)
        default: throw error(.syntax)
        }
    }

    /// The scalar of one `\u` escape or of a surrogate pair of them. A lone surrogate becomes U+FFFD, as Go's decoder
    /// has it.
    private mutating func unicodeScalar() throws(JSONError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let afterFirst = position
        if first < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
            let second = try fourDigits()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        position = afterFirst
        return "\u{FFFD}"
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error(.syntax)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
