/// Reads the small XML of S3's answers. Not a general parser: no document types, hence no entities but the five of XML and
/// character references, and nothing external.
///
/// Bounds: the caller bounds the bytes; elements nest at most 16 deep. Source: W3C XML 1.0, the parts named below.
struct XMLReader {
    private let bytes: [UInt8]
    private var index = 0

    static let deepest = 16

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The root element of `bytes`. Blanks before it are allowed: S3 sends them while it joins the parts of an upload.
    static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        var reader = XMLReader(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.index = 3 }
        try reader.skipProlog()
        guard reader.take("<") else { throw reader.error("no element") }
        let root = try reader.element(depth: 1)
        try reader.skipProlog()
        guard reader.index == bytes.count else { throw reader.error("more after the root element") }
        return root
    }

    /// Blanks, comments and processing instructions (section 2.8).
    private mutating func skipProlog() throws(XMLError) {
        while true {
            skipBlanks()
            if take("<?") {
                try skip(through: "?>")
            } else if take("<!--") {
                try skip(through: "-->")
            } else {
                guard !starts(with: "<!") else { throw error("a document type, which is not accepted") }
                return
            }
        }
    }

    /// Reads on behind `<`.
    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= XMLReader.deepest else { throw error("elements nested deeper than \(XMLReader.deepest)") }
        let fullName = try name()
        var element = XMLElement(name: String(fullName.split(separator: ":").last ?? ""))
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while true {
            if take("</") {
                guard try name() == fullName else { throw error("the end of another element than '\(fullName)'") }
                skipBlanks()
                guard take(">") else { throw error("an unfinished end tag") }
                guard let valid = String(validating: text, as: UTF8.self) else { throw error("text that is no UTF-8") }
                element.text = valid
                return element
            } else if take("<!--") {
                try skip(through: "-->")
            } else if take("<![CDATA[") {
                let start = index
                try skip(through: "]]>")
                text += bytes[start..<index - 3]
            } else if take("<?") {
                try skip(through: "?>")
            } else if take("<") {
                element.children.append(try self.element(depth: depth + 1))
            } else if take("&") {
                text += Array(String(try reference()).utf8)
            } else if index < bytes.count {
                text.append(bytes[index])
                index += 1
            } else {
                throw error("the end of the answer inside '\(fullName)'")
            }
        }
    }

    /// Reads over attributes to the end of the tag; true for an empty element (section 3.1).
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while index < bytes.count {
            skipBlanks()
            if take("/>") { return true }
            if take(">") { return false }
            _ = try name()
            skipBlanks()
            guard take("=") else { throw error("an attribute without a value") }
            skipBlanks()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") else {
                throw error("an attribute without quotes")
            }
            let quote = bytes[index]
            index += 1
            while index < bytes.count, bytes[index] != quote { index += 1 }
            index += 1
        }
        throw error("an unfinished tag")
    }

    /// Reads on behind `&` (section 4.1).
    private mutating func reference() throws(XMLError) -> Unicode.Scalar {
        let start = index
        // The longest is `#x10FFFF`.
        while index < bytes.count, bytes[index] != UInt8(ascii: ";"), index - start < 9 { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ";") else { throw error("an unfinished reference") }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        index += 1
        switch text {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let number =
                text.hasPrefix("#x")
                ? UInt32(text.dropFirst(2), radix: 16) : text.hasPrefix("#") ? UInt32(text.dropFirst()) : nil
            guard let scalar = number.flatMap(Unicode.Scalar.init) else { throw error("an unknown entity '\(text)'") }
            return scalar
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = index
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        guard index > start else { throw error("a tag without a name") }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func skip(through end: StaticString) throws(XMLError) {
        while index < bytes.count {
            if take(end) { return }
            index += 1
        }
        throw error("no '\(end)'")
    }

    private func starts(with text: StaticString) -> Bool {
        guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { bytes[index..<index + $0.count].elementsEqual($0) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    private func error(_ reason: String) -> XMLError { XMLError(reason: reason, offset: index) }
}
