/// A pattern for names of kinds in which a dot is a border: `*` matches no dot, `**` does. `*.apps` is every kind of
/// group apps, `*` every kind of the core group.
///
/// Also `?`, `[abc]`, `[!a-c]`, `{one,two}` and backslash. Matching takes time in the product of both lengths; braces
/// are expanded first, to at most 100 patterns.
package struct DottedGlob: Sendable, Hashable {
    private enum Token: Sendable, Hashable {
        case literal(Unicode.Scalar)
        case anyButDot
        case any
        case one
        case oneOf(ScalarSet)
    }

    package let text: String
    private let alternatives: [[Token]]
    private static let maximumAlternatives = 100

    package init(_ text: String) throws(ActionError) {
        self.text = text
        var alternatives: [[Token]] = []
        for pattern in try DottedGlob.expand(Array(text.unicodeScalars)) {
            alternatives.append(try DottedGlob.tokens(pattern, in: text))
        }
        self.alternatives = alternatives
    }

    package func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        return alternatives.contains { DottedGlob.matches($0, scalars) }
    }

    /// Steps through the name with all places in the pattern that are possible so far.
    private static func matches(_ tokens: [Token], _ name: [Unicode.Scalar]) -> Bool {
        var possible = Set([0])
        func widened(_ places: Set<Int>) -> Set<Int> {
            var wide = places
            for place in places.sorted() {
                var next = place
                while next < tokens.count, tokens[next] == .any || tokens[next] == .anyButDot {
                    next += 1
                    wide.insert(next)
                }
            }
            return wide
        }
        for scalar in name {
            var next: Set<Int> = []
            for place in widened(possible) where place < tokens.count {
                switch tokens[place] {
                case .literal(scalar): next.insert(place + 1)
                case .literal: break
                case .any: next.insert(place)
                case .anyButDot: if scalar != "." { next.insert(place) }
                case .one: if scalar != "." { next.insert(place + 1) }
                case .oneOf(let set): if set.contains(scalar) { next.insert(place + 1) }
                }
            }
            possible = next
        }
        return widened(possible).contains(tokens.count)
    }

    private static func expand(_ pattern: [Unicode.Scalar]) throws(ActionError) -> [[Unicode.Scalar]] {
        guard let open = pattern.firstIndex(of: "{") else { return [pattern] }
        guard let close = pattern[open...].firstIndex(of: "}") else {
            throw ActionError("the pattern '\(String(String.UnicodeScalarView(pattern)))' has a { without a }")
        }
        var expanded: [[Unicode.Scalar]] = []
        for choice in pattern[(open + 1)..<close].split(separator: ",", omittingEmptySubsequences: false) {
            expanded += try expand(Array(pattern[..<open]) + Array(choice) + Array(pattern[(close + 1)...]))
            guard expanded.count <= maximumAlternatives else {
                throw ActionError("a pattern stands for more than \(maximumAlternatives) others")
            }
        }
        return expanded
    }

    private static func tokens(_ pattern: [Unicode.Scalar], in text: String) throws(ActionError) -> [Token] {
        var tokens: [Token] = []
        var rest = pattern[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*":
                tokens.append(rest.first == "*" ? .any : .anyButDot)
                if rest.first == "*" { rest.removeFirst() }
            case "?": tokens.append(.one)
            case "[":
                guard let close = rest.firstIndex(of: "]") else {
                    throw ActionError("the pattern '\(text)' has a [ without a ]")
                }
                tokens.append(.oneOf(set(rest[..<close])))
                rest = rest[(close + 1)...]
            case "\\": tokens.append(.literal(rest.popFirst() ?? "\\"))
            default: tokens.append(.literal(scalar))
            }
        }
        return tokens
    }

    private static func set(_ members: ArraySlice<Unicode.Scalar>) -> ScalarSet {
        var members = members
        let isInverted = members.first == "!" || members.first == "^"
        if isInverted { members.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while let low = members.popFirst() {
            var high = low
            if members.first == "-", members.count > 1 {
                members.removeFirst()
                high = members.popFirst() ?? low
            }
            ranges.append(min(low.value, high.value)...max(low.value, high.value))
        }
        let set = ScalarSet(ranges)
        return isInverted ? set.inverted : set
    }
}
