/// What is wrong with the text of a selector.
package struct LabelSelectorError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

extension LabelSelector: CustomStringConvertible {
    /// The form of the `labelSelector` parameter of a list request, and of `--selector`: `app=web,tier in (a,b),!old`.
    /// Empty for an empty selector. Keys are in order, so equal selectors have equal texts.
    package var description: String {
        var terms = matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        terms += matchExpressions.map(\.description)
        return terms.joined(separator: ",")
    }

    /// Reads that form: `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k`, `!k`, joined by commas.
    package init(parsing text: String) throws(LabelSelectorError) {
        self.init()
        for term in LabelSelector.terms(of: text) {
            let term = term.trimmed
            if term.isEmpty {
                throw LabelSelectorError(description: "the label selector '\(text)' has an empty term")
            }
            guard add(term) else {
                throw LabelSelectorError(description: "'\(term)' is no term of a label selector")
            }
        }
    }

    /// Splits at commas outside of parentheses; an empty text has no terms.
    private static func terms(of text: String) -> [String] {
        if text.trimmed.isEmpty { return [] }
        var terms = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                terms.append("")
            } else {
                terms[terms.count - 1].append(character)
            }
        }
        return terms
    }

    private mutating func add(_ term: String) -> Bool {
        if term.hasPrefix("!") { return add(String(term.dropFirst()).trimmed, .doesNotExist, []) }
        if let position = term.firstIndex(of: "=") {
            var key = term[..<position]
            var value = term[term.index(after: position)...]
            if value.hasPrefix("=") { value = value.dropFirst() }
            let isNegated = key.hasSuffix("!")
            if isNegated { key = key.dropLast() }
            let (name, text) = (String(key).trimmed, String(value).trimmed)
            guard LabelSelector.isKey(name), LabelSelector.isValue(text) else { return false }
            if isNegated { return add(name, .isNotIn, [text]) }
            if let existing = matchLabels[name] { return existing == text || add(name, .isIn, [text]) }
            matchLabels[name] = text
            return true
        }
        guard term.hasSuffix(")"), let open = term.firstIndex(of: "(") else { return add(term, .exists, []) }
        let words = term[..<open].split(whereSeparator: \.isWhitespace)
        let values = term[term.index(after: open)...].dropLast().split(
            separator: ",", omittingEmptySubsequences: false
        ).map { String($0).trimmed }
        guard words.count == 2, values.allSatisfy(LabelSelector.isValue) else { return false }
        switch words[1] {
        case "in": return add(String(words[0]), .isIn, values)
        case "notin": return add(String(words[0]), .isNotIn, values)
        default: return false
        }
    }

    private mutating func add(_ key: String, _ `operator`: Operator, _ values: [String]) -> Bool {
        guard LabelSelector.isKey(key) else { return false }
        matchExpressions.append(Requirement(key: key, operator: `operator`, values: values))
        return true
    }

    /// A name with an optional prefix: `app`, `app.kubernetes.io/name`.
    private static func isKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, isValue(String(name)) else { return false }
        return parts.count == 1 || parts.count == 2 && KubernetesName.isSubdomain(parts[0])
    }

    private static func isValue(_ text: String) -> Bool {
        guard text.utf8.count <= 63 else { return false }
        guard let first = text.utf8.first, let last = text.utf8.last else { return true }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    package var description: String {
        switch `operator` {
        case .isIn: "\(key) in (\(values.joined(separator: ",")))"
        case .isNotIn: "\(key) notin (\(values.joined(separator: ",")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
