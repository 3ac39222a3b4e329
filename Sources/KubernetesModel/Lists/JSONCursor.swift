/// Why a cursor came to a halt.
enum JSONHalt: Error {
    /// The bytes end before the value does; more may follow.
    case incomplete
    case malformed
    case tooDeep
}

/// Finds its way through JSON bytes without building anything: the hot loop of every list.
///
/// It checks what it needs to find where values end: strings, brackets, the grammar of the objects it steps through. What
/// lies inside a skipped value is not judged further. The pointer belongs to the caller and must outlive the cursor, which
/// therefore never leaves the function that made it.
struct JSONCursor {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private(set) var position: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) {
        base = bytes.baseAddress ?? UnsafePointer(bitPattern: 1)!  // Never read: `end` is 0 then.
        end = bytes.count
        self.position = position
    }

    var isAtEnd: Bool { position >= end }

    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    /// The next byte that is no white space, not consumed.
    @inline(__always)
    mutating func peek() throws(JSONHalt) -> UInt8 {
        skipSpace()
        guard position < end else { throw .incomplete }
        return base[position]
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8) throws(JSONHalt) {
        guard try peek() == byte else { throw .malformed }
        position += 1
    }

    /// Consumes `byte` if it is next.
    @inline(__always)
    mutating func skip(_ byte: UInt8) throws(JSONHalt) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Steps to the next member of an object: consumes its key and the colon. Nil at the closing brace, which is
    /// consumed. `isFirst` is true right after the opening brace.
    mutating func nextKey(isFirst: inout Bool) throws(JSONHalt) -> JSONText? {
        if try skip(UInt8(ascii: "}")) { return nil }
        if isFirst {
            isFirst = false
        } else {
            try expect(UInt8(ascii: ","))
        }
        let key = try text()
        try expect(UInt8(ascii: ":"))
        return key
    }

    /// Consumes a string.
    mutating func text() throws(JSONHalt) -> JSONText {
        try expect(UInt8(ascii: "\""))
        let start = position
        let hasEscapes = try skipStringBody()
        return JSONText(range: start..<position - 1, hasEscapes: hasEscapes)
    }

    /// Moves behind the closing quote; tells whether a backslash was met. Eight bytes at a time: a word with a quote, a
    /// backslash or a control character in it has the high bit of that byte set in `found`. Source: S. E. Anderson, "Bit
    /// Twiddling Hacks", "Determine if a word has a byte less than n".
    @inline(__always)
    private mutating func skipStringBody() throws(JSONHalt) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var hasEscapes = false
        var at = position
        while at < end {
            if at + 8 <= end {
                let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian
                let quote = word ^ (ones &* 0x22)
                let slash = word ^ (ones &* 0x5C)
                let found =
                    (((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | ((word &- ones &* 0x20) & ~word)) & highs
                if found == 0 {
                    at += 8
                    continue
                }
                at += found.trailingZeroBitCount >> 3
            }
            switch base[at] {
            case UInt8(ascii: "\""):
                position = at + 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                at += 2
            case 0..<0x20: throw .malformed
            default: at += 1
            }
        }
        throw .incomplete
    }

    /// Consumes one value of any kind, at most `depth` levels deep.
    mutating func skipValue(depth: Int) throws(JSONHalt) {
        switch try peek() {
        case UInt8(ascii: "\""):
            position += 1
            _ = try skipStringBody()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer(depth: depth)
        default: try skipScalar()
        }
    }

    /// Consumes an object or array. Which brackets are open is remembered as one bit each.
    private mutating func skipContainer(depth limit: Int) throws(JSONHalt) {
        // Set: an object. One for each of JSONValue.maximumDepth levels.
        var open: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var depth = 0
        while position < end {
            let byte = base[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): _ = try skipStringBody()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < min(limit, 255) else { throw .tooDeep }
                depth += 1
                let bit: UInt64 = 1 << UInt64(depth & 63)
                let isObject = byte == UInt8(ascii: "{")
                withUnsafeMutableBytes(of: &open) { raw in
                    let words = raw.assumingMemoryBound(to: UInt64.self)
                    if isObject { words[depth >> 6] |= bit } else { words[depth >> 6] &= ~bit }
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                let bit: UInt64 = 1 << UInt64(depth & 63)
                let isObject = withUnsafeBytes(of: &open) { raw in
                    raw.assumingMemoryBound(to: UInt64.self)[depth >> 6] & bit != 0
                }
                guard isObject == (byte == UInt8(ascii: "}")) else { throw .malformed }
                depth -= 1
                if depth == 0 { return }
            default: break  // Numbers, literals, commas, colons, white space.
            }
        }
        throw .incomplete
    }

    /// Consumes a number or literal. One that touches the end of the bytes may go on and is incomplete.
    private mutating func skipScalar() throws(JSONHalt) {
        let start = position
        while position < end {
            switch base[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
                position += 1
            default:
                guard position > start else { throw .malformed }
                return
            }
        }
        throw .incomplete
    }

    /// Whether the next value is `null`; consumes nothing.
    mutating func isNull() throws(JSONHalt) -> Bool { try peek() == UInt8(ascii: "n") }
}

/// The place of a string between its quotes.
struct JSONText {
    let range: Range<Int>
    let hasEscapes: Bool
}

extension JSONCursor {
    /// The string at `text`, unescaped.
    func string(_ text: JSONText) throws(JSONHalt) -> String {
        if !text.hasEscapes {
            let plain = bytes(text.range)
            // Nearly all of them; the checking initialiser below costs several times as much for short texts.
            if plain.allSatisfy({ $0 < 0x80 }) { return String(decoding: plain, as: UTF8.self) }
            guard let string = String(validating: plain, as: UTF8.self) else { throw .malformed }
            return string
        }
        let quoted = bytes(text.range.lowerBound - 1..<text.range.upperBound + 1)
        guard let value = try? JSONValue(parsing: quoted), let string = value.string else {
            throw .malformed  // The parser's offset would be that of the string, not of the list.
        }
        return string
    }

    /// Whether the string at `text` is `literal`.
    func matches(_ text: JSONText, _ literal: StaticString) -> Bool {
        if text.hasEscapes { return (try? string(text)) == literal.description }  // A bad escape is no match.
        guard text.range.count == literal.utf8CodeUnitCount else { return false }
        for index in 0..<text.range.count where base[text.range.lowerBound + index] != literal.utf8Start[index] {
            return false
        }
        return true
    }

    /// Consumes a string value and returns it; consumes any other value and returns nil.
    mutating func stringOrSkip(depth: Int) throws(JSONHalt) -> String? {
        guard try peek() == UInt8(ascii: "\"") else {
            try skipValue(depth: depth)
            return nil
        }
        return try string(try text())
    }

    /// Consumes an object of strings and returns it; members that are no strings are left out, and any other value is
    /// consumed and gives an empty map.
    mutating func stringMap(depth: Int) throws(JSONHalt) -> [String: String] {
        guard try skip(UInt8(ascii: "{")) else {
            try skipValue(depth: depth)
            return [:]
        }
        var map: [String: String] = [:]
        var isFirst = true
        while let key = try nextKey(isFirst: &isFirst) {  // Ends with the brace or the bytes.
            let name = try string(key)
            map[name] = try stringOrSkip(depth: depth - 1)
        }
        return map
    }
}
