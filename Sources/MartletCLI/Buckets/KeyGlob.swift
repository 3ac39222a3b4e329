/// A pattern over keys: `*` and `?` stand for anything but a slash, `**` for slashes too; a backslash takes the next
/// character as it is.
package struct KeyGlob: Sendable, Hashable {
    private enum Token: Sendable, Hashable {
        case scalar(Unicode.Scalar)
        case one
        case many
        case everything
    }

    private let tokens: [Token]
    /// What every key that matches begins with.
    package let prefix: String
    /// Whether the pattern is a plain key, which is `prefix`.
    package let isPlain: Bool

    package init(_ text: String) {
        var tokens: [Token] = []
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\" where rest.first.map({ "*?\\".unicodeScalars.contains($0) }) == true:
                tokens.append(.scalar(rest.removeFirst()))
            case "?": tokens.append(.one)
            case "*" where rest.first == "*":
                rest.removeFirst()
                tokens.append(.everything)
            case "*": tokens.append(.many)
            default: tokens.append(.scalar(scalar))
            }
        }
        self.tokens = tokens
        var fixed = String.UnicodeScalarView()
        for token in tokens {
            guard case .scalar(let scalar) = token else { break }
            fixed.append(scalar)
        }
        prefix = String(fixed)
        isPlain = fixed.count == tokens.count
    }

    /// Whether the whole of `key` matches. Time: the product of both lengths at most, each at most 1,024 bytes.
    package func matches(_ key: String) -> Bool {
        let scalars = Array(key.unicodeScalars)
        // reached[i]: the tokens so far can match the first i letters.
        var reached = [Bool](repeating: false, count: scalars.count + 1)
        reached[0] = true
        for token in tokens { reached = KeyGlob.step(token, scalars, reached) }
        return reached[scalars.count]
    }

    private static func step(_ token: Token, _ scalars: [Unicode.Scalar], _ reached: [Bool]) -> [Bool] {
        var next = [Bool](repeating: false, count: reached.count)
        for index in reached.indices {
            switch token {
            case .scalar(let scalar): next[index] = index > 0 && reached[index - 1] && scalars[index - 1] == scalar
            case .one: next[index] = index > 0 && reached[index - 1] && scalars[index - 1] != "/"
            case .many: next[index] = reached[index] || index > 0 && next[index - 1] && scalars[index - 1] != "/"
            case .everything: next[index] = reached[index] || index > 0 && next[index - 1]
            }
        }
        return next
    }
}
