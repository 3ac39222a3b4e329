/// A value of JSON, as far as events need it.
enum JSONText: Hashable {
    case object([String: JSONText])
    case array([JSONText])
    case string(String)
    /// As it is spelled; also `true`, `false` and `null`.
    case other(String)

    subscript(name: String) -> JSONText? {
        if case .object(let members) = self { return members[name] }
        return nil
    }

    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }
}

/// Why a text is no JSON.
struct JSONError: Error {
    /// In bytes.
    let offset: Int
}

/// Reads JSON texts of a line. Source: RFC 8259. Bounds: the caller bounds the bytes; values nest at most 16 deep.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    static let deepest = 16

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    static func read(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONText {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 1)
        reader.skipBlanks()
        guard reader.index == bytes.endIndex else { throw reader.error }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONText {
        guard depth <= JSONReader.deepest else { throw error }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try other()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONText {
        index += 1
        var members: [String: JSONText] = [:]
        skipBlanks()
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw error }
            let name = try string()
            skipBlanks()
            guard take(":") else { throw error }
            members[name] = try value(depth: depth + 1)
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw error }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONText {
        index += 1
        var values: [JSONText] = []
        skipBlanks()
        if take("]") { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            if take("]") { return .array(values) }
            guard take(",") else { throw error }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else { throw error }
                return valid
            case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
            case 0..<0x20: throw error
            default: text.append(byte)
            }
        }
        throw error
    }

    private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
        guard let byte = peek else { throw error }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try unit()
            guard (0xD800..<0xDC00).contains(first) else {
                guard let scalar = Unicode.Scalar(first) else { throw error }
                return scalar
            }
            guard take("\\"), take("u") else { throw error }
            let second = try unit()
            guard (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw error }
            return scalar
        default: throw error
        }
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.endIndex,
            let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw error }
        index += 4
        return unit
    }

    private mutating func other() throws(JSONError) -> JSONText {
        let start = index
        while let byte = peek, !Array(",]} \t\r\n".utf8).contains(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || Double(text) != nil else { throw error }
        return .other(text)
    }

    private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }
    private var error: JSONError { JSONError(offset: index - bytes.startIndex) }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }
}
