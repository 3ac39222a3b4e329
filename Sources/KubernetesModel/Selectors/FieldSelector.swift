/// Which objects are meant, by a few of their fields: `metadata.name=a,metadata.namespace!=b`.
///
/// Which fields a server takes depends on the kind; every kind takes `metadata.name` and, if it lives in namespaces,
/// `metadata.namespace`. Source: Kubernetes documentation, "Field selectors".
package struct FieldSelector: Sendable, Hashable, CustomStringConvertible {
    package struct Requirement: Sendable, Hashable {
        /// Dotted: `metadata.name`, `spec.nodeName`.
        package let field: String
        package let isEqual: Bool
        package let value: String

        package init(_ field: String, isEqual: Bool = true, _ value: String) {
            self.field = field
            self.isEqual = isEqual
            self.value = value
        }
    }

    package let requirements: [Requirement]

    package init(_ requirements: [Requirement]) { self.requirements = requirements }

    /// Reads the text form: `=`, `==` and `!=`, joined by commas; `\,`, `\=` and `\\` stand for themselves in values.
    ///
    /// - Throws: `SelectorError` for a part without an operator or with an unknown escape.
    package init(parsing text: String) throws(SelectorError) {
        var requirements: [Requirement] = []
        for part in FieldSelector.parts(of: text) where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else {
                throw SelectorError("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            var field = part[..<equals]
            var value = part[part.index(after: equals)...]
            let isEqual = field.last != "!"
            if !isEqual { field.removeLast() } else if value.first == "=" { value.removeFirst() }
            requirements.append(
                Requirement(String(field), isEqual: isEqual, try FieldSelector.unescaped(value, in: text)))
        }
        self.requirements = requirements
    }

    /// Whether all requirements hold; `field` gives the text of a field, empty where the object has none.
    package func matches(_ field: (String) -> String) -> Bool {
        requirements.allSatisfy { (field($0.field) == $0.value) == $0.isEqual }
    }

    /// The text form, as `fieldSelector` of a list takes it (before percent-encoding).
    package var description: String {
        requirements.map { requirement in
            var value = ""
            for character in requirement.value {
                if "\\,=".contains(character) { value.append("\\") }
                value.append(character)
            }
            return "\(requirement.field)\(requirement.isEqual ? "=" : "!=")\(value)"
        }.joined(separator: ",")
    }

    private static func parts(of text: String) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isEscaped = false
        for index in text.indices {
            if isEscaped {
                isEscaped = false
            } else if text[index] == "\\" {
                isEscaped = true
            } else if text[index] == "," {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        return parts + [text[start...]]
    }

    private static func unescaped(_ value: Substring, in text: String) throws(SelectorError) -> String {
        var result = ""
        var characters = value.makeIterator()
        while let character = characters.next() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard let escaped = characters.next(), "\\,=".contains(escaped) else {
                throw SelectorError("invalid selector: '\(text)'; unknown escape")
            }
            result.append(escaped)
        }
        return result
    }
}
