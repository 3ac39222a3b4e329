/// JSON with line breaks, two blanks for each level, as restic's `cat` prints it. Strings and numbers stay as they are.
struct IndentedJSON {
    private var text: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// The last byte outside of strings that is no white space.
    private var last: UInt8 = 0

    static func text(_ json: [UInt8]) -> String {
        var writer = IndentedJSON()
        for byte in json { writer.append(byte) }
        return String(decoding: writer.text, as: UTF8.self)
    }

    private mutating func append(_ byte: UInt8) {
        if isInString { return appendInString(byte) }
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09: return
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { breakLine() }
            text.append(byte)
        case UInt8(ascii: ","):
            text.append(byte)
            breakLine()
        case UInt8(ascii: ":"): text += [byte, 0x20]
        default: appendBeginning(byte)
        }
        last = byte
    }

    /// Of a value, or within a number or a word.
    private mutating func appendBeginning(_ byte: UInt8) {
        if last == UInt8(ascii: "{") || last == UInt8(ascii: "[") { breakLine() }
        text.append(byte)
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "\""): isInString = true
        default: break
        }
    }

    private mutating func appendInString(_ byte: UInt8) {
        text.append(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
    }

    private mutating func breakLine() {
        text.append(0x0A)
        text += [UInt8](repeating: 0x20, count: max(0, depth) * 2)
    }
}
