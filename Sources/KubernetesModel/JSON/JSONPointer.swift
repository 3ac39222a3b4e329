/// A place in a JSON document: `/spec/containers/0/image`. The empty pointer is the whole document.
///
/// Source: RFC 6901.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The steps, unescaped.
    package let tokens: [String]

    package init(_ tokens: [String]) { self.tokens = tokens }

    /// Reads the escaped form. Nil if `text` is neither empty nor starts with a slash, or has a `~` that is no escape.
    package init?(parsing text: String) {
        if text.isEmpty {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let token = JSONPointer.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    private static func unescaped(_ part: Substring) -> String? {
        guard part.utf8.contains(UInt8(ascii: "~")) else { return String(part) }
        var token = ""
        var characters = part.unicodeScalars.makeIterator()
        while let character = characters.next() {
            guard character == "~" else {
                token.unicodeScalars.append(character)
                continue
            }
            switch characters.next() {
            case "0": token += "~"
            case "1": token += "/"
            default: return nil
            }
        }
        return token
    }

    package var description: String {
        tokens.map { token in
            var escaped = "/"
            for scalar in token.unicodeScalars {
                switch scalar {
                case "~": escaped += "~0"
                case "/": escaped += "~1"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return escaped
        }.joined()
    }

    /// Whether `other` lies inside the value that this points to, or is the same place.
    package func isPrefix(of other: JSONPointer) -> Bool { other.tokens.starts(with: tokens) }
}

extension JSONValue {
    /// The value at `pointer`; nil where a step is missing.
    package subscript(pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let members):
                guard let next = members[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = JSONPointer.index(token), index < elements.count else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }
}

extension JSONPointer {
    /// An array index: digits without leading zeros. Nil for anything else, `-` included.
    static func index(_ token: String) -> Int? {
        guard token.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            token == "0" || token.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(token)
    }
}
