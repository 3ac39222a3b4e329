/// Reads JSON text from front to back without making values of what nobody wants.
///
/// It is valid only while the bytes are. Release builds do not check the subscript of a buffer pointer, so every access
/// here stands behind a comparison with `bytes.count`.
struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// The bound of nested arrays and objects in what is skipped.
    static let maximumDepth = 200

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func failure(_ what: String) -> FormatError {
        FormatError(.malformed, "\(what) at byte \(position) of \(bytes.count)")
    }

    mutating func move(to position: Int) { self.position = min(max(position, 0), bytes.count) }

    /// The next byte that is no white space; nil at the end.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Whether `character` came next; it is consumed then.
    @inline(__always)
    mutating func take(_ character: UInt8) -> Bool {
        guard peek() == character else { return false }
        position += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ character: UInt8) throws(FormatError) {
        guard take(character) else {
            throw failure("JSON: no \"\(Character(Unicode.Scalar(character)))\"")
        }
    }

    /// Nothing but white space may follow.
    mutating func expectEnd() throws(FormatError) {
        guard peek() == nil else { throw failure("JSON: something follows the value") }
    }

    // MARK: Objects and arrays

    mutating func beginObject() throws(FormatError) { try expect(UInt8(ascii: "{")) }

    /// The next member's name, the reader standing before its value; nil after the last one.
    @inline(__always)
    mutating func nextKey(_ isFirst: inout Bool) throws(FormatError) -> JSONKey? {
        if take(UInt8(ascii: "}")) { return nil }
        if !isFirst { try expect(UInt8(ascii: ",")) }
        isFirst = false
        let span = try stringSpan()
        try expect(UInt8(ascii: ":"))
        return JSONKey(span: span, bytes: bytes)
    }

    /// Whether an array has a next element; the reader stands before it then. Begins with `isFirst` true and the reader
    /// before the bracket.
    @inline(__always)
    mutating func nextElement(_ isFirst: inout Bool) throws(FormatError) -> Bool {
        if isFirst { try expect(UInt8(ascii: "[")) }
        if take(UInt8(ascii: "]")) { return false }
        if !isFirst { try expect(UInt8(ascii: ",")) }
        isFirst = false
        return true
    }

    /// Whether the value is `null`; it is consumed then. Everywhere, null stands for "nothing".
    @inline(__always)
    mutating func takeNull() -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        return takeWord("null")
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length else { return false }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return false }
        position += length
        return true
    }

    // MARK: Numbers and words

    mutating func bool() throws(FormatError) -> Bool {
        if takeNull() { return false }
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw failure("JSON: neither true nor false")
    }

    /// A natural number up to `limit`.
    mutating func number(upTo limit: UInt64 = .max) throws(FormatError) -> UInt64 {
        if takeNull() { return 0 }
        let first = position
        var value: UInt64 = 0
        var isTooLarge = false
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit <= 9 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            isTooLarge = isTooLarge || overflow || carry
            value = sum
            position += 1
        }
        let isNumber = position > first && (bytes[first] != 0x30 || position == first + 1)
        guard isNumber, !isTooLarge, value <= limit, !continuesAsFraction else {
            position = first
            throw failure("JSON: no natural number up to \(limit)")
        }
        return value
    }

    mutating func number32() throws(FormatError) -> UInt32 { UInt32(try number(upTo: UInt64(UInt32.max))) }

    /// A whole number of either sign.
    mutating func signedNumber() throws(FormatError) -> Int {
        let isNegative = take(UInt8(ascii: "-"))
        let magnitude = Int(try number(upTo: UInt64(Int.max)))
        return isNegative ? -magnitude : magnitude
    }

    private var continuesAsFraction: Bool {
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        return byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    // MARK: Strings

    /// The next string with its quotes passed over, not yet unescaped.
    @inline(__always)
    mutating func stringSpan() throws(FormatError) -> StringSpan {
        guard take(UInt8(ascii: "\"")) else { throw failure("JSON: no string") }
        let start = position
        var hasEscapes = false
        var isASCII = true
        while true {
            position = StringScan.endOfPlain(bytes, from: position, &isASCII)
            guard position < bytes.count else { throw failure("JSON: a string does not end") }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return StringSpan(start: start, end: position - 1, hasEscapes: hasEscapes, isASCII: isASCII)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                guard bytes.count - position >= 2 else { throw failure("JSON: a string does not end") }
                position += 2
            default: throw failure("JSON: a control character in a string")
            }
        }
    }

    /// An id as 64 digits in quotes.
    @inline(__always)
    mutating func id() throws(FormatError) -> ResticID {
        guard take(UInt8(ascii: "\"")), bytes.count - position >= 65, bytes[position + 64] == UInt8(ascii: "\""),
            let id = ResticID(hexDigits: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + 64)]))
        else { throw failure("JSON: no id of 64 digits") }
        position += 65
        return id
    }

    func raw(_ span: StringSpan) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[span.start..<span.end])
    }
}

/// A string within the text, without its quotes.
struct StringSpan {
    let start: Int
    let end: Int
    let hasEscapes: Bool
    let isASCII: Bool
}

/// The name of a member, compared without making a string of it.
struct JSONKey {
    let span: StringSpan
    let bytes: UnsafeRawBufferPointer

    /// A name that is written with escapes equals nothing; it is kept as unknown.
    @inline(__always)
    static func == (key: JSONKey, name: StaticString) -> Bool {
        let length = key.span.end - key.span.start
        guard length == name.utf8CodeUnitCount else { return false }
        var index = 0
        while index < length {
            if key.bytes[key.span.start + index] != name.utf8Start[index] { return false }
            index += 1
        }
        return true
    }
}

enum StringScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The index of the first quote, backslash or control character from `start` on, or the end. Eight bytes at a time.
    @inline(__always)
    static func endOfPlain(_ bytes: UnsafeRawBufferPointer, from start: Int, _ isASCII: inout Bool) -> Int {
        var index = start
        var seen: UInt64 = 0
        while bytes.count - index >= 8 {
            let block = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let stop = hasZero(block ^ 0x22 * ones) | hasZero(block ^ 0x5C * ones) | hasControl(block)
            if stop != 0 { break }
            seen |= block
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            seen |= UInt64(byte)
            index += 1
        }
        if seen & tops != 0 { isASCII = false }
        return index
    }

    @inline(__always)
    private static func hasZero(_ block: UInt64) -> UInt64 { (block &- ones) & ~block & tops }

    @inline(__always)
    private static func hasControl(_ block: UInt64) -> UInt64 { (block &- 0x20 * ones) & ~block & tops }
}
