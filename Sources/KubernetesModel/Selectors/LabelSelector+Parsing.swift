extension LabelSelector {
    /// Reads the text form: `a=b,c!=d,e in (x,y),!f,g notin (z),h`. An empty text selects everything.
    ///
    /// - Throws: `SelectorError` that says what was found where something else was expected.
    package init(parsing text: String) throws(SelectorError) {
        var parser = SelectorParser(text)
        requirements = try parser.requirements()
    }
}

/// Reads tokens and requirements from the front of a text.
private struct SelectorParser {
    private enum Token: Equatable {
        case word(String)
        case symbol(String)
        case end
    }

    private let tokens: [Token]
    private var position = 0

    init(_ text: String) { tokens = SelectorParser.tokens(of: text) }

    mutating func requirements() throws(SelectorError) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        if peek() == .end { return requirements }
        while true {  // Ends with the text, or with an error: every turn takes at least one token.
            requirements.append(try requirement())
            switch next() {
            case .end: return requirements
            case .symbol(","):
                guard peek() != .end else { throw unexpected("an identifier after ','", .end) }
            case let token: throw unexpected("',' or the end", token)
            }
        }
    }

    private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
        if peek() == .symbol("!") {
            position += 1
            return try .init(try key(), .doesNotExist)
        }
        let key = try key()
        switch peek() {
        case .end, .symbol(","): return try .init(key, .exists)
        case .symbol("="), .symbol("=="):
            position += 1
            return try .init(key, .isIn, [value()])
        case .symbol("!="):
            position += 1
            return try .init(key, .notIn, [value()])
        case .symbol(">"):
            position += 1
            return try .init(key, .greaterThan, [value()])
        case .symbol("<"):
            position += 1
            return try .init(key, .lessThan, [value()])
        case .word("in"):
            position += 1
            return try .init(key, .isIn, try values())
        case .word("notin"):
            position += 1
            return try .init(key, .notIn, try values())
        case let token: throw unexpected("in, notin, =, ==, !=, > or <", token)
        }
    }

    private mutating func key() throws(SelectorError) -> String {
        let token = next()
        guard case .word(let key) = token else { throw unexpected("an identifier", token) }
        return key
    }

    /// A value may be empty: `a=` and `a=,b` mean the empty string.
    private mutating func value() -> String {
        guard case .word(let value) = peek() else { return "" }
        position += 1
        return value
    }

    private mutating func values() throws(SelectorError) -> [String] {
        let open = next()
        guard open == .symbol("(") else { throw unexpected("'('", open) }
        if peek() == .symbol(")") {
            position += 1
            return []
        }
        var values: [String] = []
        while true {  // Ends with the closing parenthesis, or with an error at the end of the text.
            values.append(value())
            switch next() {
            case .symbol(","): continue
            case .symbol(")"): return values
            case let token: throw unexpected("',' or ')'", token)
            }
        }
    }

    private func peek() -> Token { position < tokens.count ? tokens[position] : .end }

    private mutating func next() -> Token {
        let token = peek()
        position += 1
        return token
    }

    private func unexpected(_ expected: String, _ token: Token) -> SelectorError {
        let found: String
        switch token {
        case .word(let text), .symbol(let text): found = "'\(text)'"
        case .end: found = "the end"
        }
        return SelectorError("unable to parse the selector: found \(found), expected \(expected)")
    }

    private static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        var word = ""
        func isSymbol(_ character: Unicode.Scalar) -> Bool { "=!(),<>".unicodeScalars.contains(character) }
        var scalars = Array(text.unicodeScalars)[...]
        func finish() {
            if !word.isEmpty { tokens.append(.word(word)) }
            word = ""
        }
        while let scalar = scalars.popFirst() {
            if [" ", "\t", "\r", "\n"].contains(scalar) {
                finish()
            } else if isSymbol(scalar) {
                finish()
                if scalars.first == "=", scalar == "=" || scalar == "!" {
                    scalars.removeFirst()
                    tokens.append(.symbol("\(scalar)="))
                } else {
                    tokens.append(.symbol(String(scalar)))
                }
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        finish()
        return tokens
    }
}
