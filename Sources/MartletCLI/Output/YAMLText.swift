package import KubernetesModel

/// YAML of a JSON document, as `kubectl -o yaml` lays it out: sorted keys, two blanks a level, lists level with their key,
/// texts of several lines as blocks, everything quoted that a reader could take for something else.
package enum YAMLText {
    /// With a final newline.
    package static func text(_ value: JSONValue) -> String {
        var writer = Writer()
        writer.document(value)
        return writer.text
    }

    private struct Writer {
        var text = ""

        mutating func document(_ value: JSONValue) {
            switch value {
            case .object(let members) where !members.isEmpty: lines(of: members, indentation: 0)
            case .array(let elements) where !elements.isEmpty: lines(of: elements, indentation: 0)
            default: text += YAMLText.inline(value, indentation: 0) + "\n"
            }
        }

        private mutating func lines(of members: [String: JSONValue], indentation: Int, continues: Bool = false) {
            var isFirst = continues
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                if !isFirst { text += String(repeating: " ", count: indentation) }
                isFirst = false
                text += YAMLText.scalar(key, indentation: indentation) + ":"
                switch value {
                case .object(let inner) where !inner.isEmpty:
                    text += "\n"
                    lines(of: inner, indentation: indentation + 2)
                case .array(let inner) where !inner.isEmpty:
                    text += "\n"
                    lines(of: inner, indentation: indentation)
                default: text += " " + YAMLText.inline(value, indentation: indentation) + "\n"
                }
            }
        }

        private mutating func lines(of elements: [JSONValue], indentation: Int) {
            for element in elements {
                text += String(repeating: " ", count: indentation) + "-"
                switch element {
                case .object(let inner) where !inner.isEmpty:
                    text += " "
                    lines(of: inner, indentation: indentation + 2, continues: true)
                case .array(let inner) where !inner.isEmpty:
                    text += "\n"
                    lines(of: inner, indentation: indentation + 2)
                default: text += " " + YAMLText.inline(element, indentation: indentation) + "\n"
                }
            }
        }
    }

    private static func inline(_ value: JSONValue, indentation: Int) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.text
        case .string(let text):
            text.contains("\n") ? block(text, indentation: indentation) : scalar(text, indentation: indentation)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// A literal block where it gives the text back unchanged, else a quoted line.
    private static func block(_ text: String, indentation: Int) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy {
            $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        guard isPlain, let first = lines.first, !first.isEmpty, !first.hasPrefix(" "), !text.hasSuffix("\n\n") else {
            return quoted(text)
        }
        let margin = String(repeating: " ", count: indentation + 2)
        let body = text.hasSuffix("\n") ? lines.dropLast() : lines[...]
        return (text.hasSuffix("\n") ? "|" : "|-")
            + body.map { $0.isEmpty ? "\n" : "\n" + margin + $0 }.joined()
    }

    private static func scalar(_ text: String, indentation: Int) -> String {
        needsQuotes(text) ? quoted(text) : text
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }

    /// Whether a plain scalar would be read as something else than this text. Source: YAML 1.2.2, section 7.3.3, and the
    /// words that YAML 1.1 readers take for booleans.
    private static func needsQuotes(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return true }
        if first == " " || last == " " || last == ":" { return true }
        if "-?:,[]{}#&*!|>'\"%@`=".unicodeScalars.contains(first) { return true }
        if text.contains(": ") || text.contains(" #") { return true }
        if text.unicodeScalars.contains(where: {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{FEFF}"
        }) {
            return true
        }
        let reserved: Set = ["null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "<<"]
        if reserved.contains(text.lowercased()) { return true }
        return looksLikeNumberOrDate(text)
    }

    /// Cautious: whatever begins like a number is quoted if it holds nothing but what numbers and dates are made of.
    private static func looksLikeNumberOrDate(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x30...0x39).contains(first) || "+.".utf8.contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || "+-.:_ ".utf8.contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) || "oxtzOXTZ".utf8.contains(byte)
        }
    }
}
