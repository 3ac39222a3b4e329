/// The tree of a regular expression. Which of several matches is preferred is left out: nobody asks.
indirect enum RegexNode: Sendable, Hashable {
    case empty
    case scalars(ScalarSet)
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case repeated(RegexNode, least: Int, most: Int?)
}

/// Reads RE2 syntax by recursive descent.
struct RegexParser {
    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var flags = Flags()
    private static let maximumDepth = 100
    private static let maximumRepetition = 1_000

    init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

    mutating func parse() throws(ActionError) -> RegexNode {
        let node = try alternatives(depth: 0)
        guard position == scalars.count else { throw error("unexpected )") }
        return node
    }

    private func error(_ reason: String) -> ActionError {
        let pattern = String(String.UnicodeScalarView(scalars))
        return ActionError("the regular expression '\(pattern)' cannot be read: \(reason)")
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func skip(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives(depth: Int) throws(ActionError) -> RegexNode {
        guard depth < RegexParser.maximumDepth else { throw error("groups are nested too deep") }
        let outer = flags
        defer { flags = outer }
        var branches = [try sequence(depth: depth)]
        while skip("|") { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) throws(ActionError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if skip("\\Q") {
                let before = nodes.count
                while position < scalars.count, !skip("\\E") {
                    nodes.append(.scalars(literal(scalars[position])))
                    position += 1
                }
                // A repetition behind it is of its last character.
                if nodes.count > before, let last = nodes.popLast() { nodes.append(try repeated(last)) }
                continue
            }
            guard let atom = try atom(depth: depth) else { continue }
            nodes.append(try repeated(atom))
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private func literal(_ scalar: Unicode.Scalar) -> ScalarSet {
        let set = ScalarSet([scalar.value...scalar.value])
        return flags.ignoresCase ? set.foldingASCIICase : set
    }

    /// One thing that can be repeated; nil for a group that only sets flags.
    private mutating func atom(depth: Int) throws(ActionError) -> RegexNode? {
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "(": return try group(depth: depth)
        case "[": return .scalars(try bracket())
        case ".": return .scalars(flags.dotMatchesNewline ? .all : ScalarSet.newline.inverted)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw error("nothing to repeat before \(scalar)")
        default: return .scalars(literal(scalar))
        }
    }

    private mutating func repeated(_ atom: RegexNode) throws(ActionError) -> RegexNode {
        let least: Int
        let most: Int?
        if skip("*") {
            (least, most) = (0, nil)
        } else if skip("+") {
            (least, most) = (1, nil)
        } else if skip("?") {
            (least, most) = (0, 1)
        } else if let counts = try counts() {
            (least, most) = counts
        } else {
            return atom
        }
        _ = skip("?")  // Prefers the shorter match, which changes no answer here.
        let start = position
        if skip("*") || skip("+") || skip("?") { throw error("two repetitions in a row") }
        if try counts() != nil { throw error("two repetitions in a row") }
        position = start
        return .repeated(atom, least: least, most: most)
    }

    /// `{2}`, `{2,}`, `{2,5}`; nil, and nothing read, if the brace is none of them: it then stands for itself.
    private mutating func counts() throws(ActionError) -> (Int, Int?)? {
        let start = position
        guard skip("{"), let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if skip(",") { most = number() }
        guard skip("}") else {
            position = start
            return nil
        }
        guard max(least, most ?? 0) <= RegexParser.maximumRepetition, least <= most ?? least else {
            throw error("a repetition of {\(least),\(most.map(String.init) ?? "")} is out of bounds")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, ("0"..."9").contains(scalar), (value ?? 0) < 100_000 {
            value = (value ?? 0) * 10 + Int(scalar.value - 48)
            position += 1
        }
        return value
    }

    private mutating func group(depth: Int) throws(ActionError) -> RegexNode? {
        let outer = flags
        if skip("?P<") || skip("?<") {
            while let scalar = next, scalar != ">" {
                guard scalar == "_" || ScalarSet.word.contains(scalar) else { throw error("a group's name is odd") }
                position += 1
            }
            guard skip(">") else { throw error("a group's name does not end") }
        } else if skip("?") {
            if try readFlags() { return nil }
        }
        let node = try alternatives(depth: depth + 1)
        guard skip(")") else { throw error("a ) is missing") }
        flags = outer
        return node
    }

    /// Reads `i`, `m`, `s`, `U`, `-`; true if `)` ended them, so that they hold for the rest of the enclosing group.
    private mutating func readFlags() throws(ActionError) -> Bool {
        var value = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiline = value
            case "s": flags.dotMatchesNewline = value
            case "U": break  // Swaps which match is preferred.
            case "-": value = false
            case ":": return false
            case ")": return true
            default: throw error("(?\(scalar) is not known")
            }
        }
        throw error("a ) is missing")
    }

    private mutating func escape() throws(ActionError) -> RegexNode {
        guard let scalar = next else { throw error("it ends with a backslash") }
        position += 1
        switch scalar {
        case "A": return .assertion(.textStart)
        case "z": return .assertion(.textEnd)
        case "b": return .assertion(.wordBoundary)
        case "B": return .assertion(.noWordBoundary)
        default:
            if let set = ScalarSet.perl(scalar) { return .scalars(set) }
            return .scalars(literal(try escapedScalar(scalar)))
        }
    }

    /// The scalar that an escape stands for, the letter after the backslash already read.
    private mutating func escapedScalar(_ scalar: Unicode.Scalar) throws(ActionError) -> Unicode.Scalar {
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal()
        case "0": return try octal()
        case "p", "P": throw error("Unicode classes (\\\(scalar)) are not supported; spell the letters out")
        default:
            guard scalar.value < 0x80, !ScalarSet.word.contains(scalar) || scalar == "_" else {
                throw error("\\\(scalar) is not known")
            }
            return scalar
        }
    }

    private mutating func hexadecimal() throws(ActionError) -> Unicode.Scalar {
        let isBraced = skip("{")
        var digits = ""
        while let scalar = next, digits.count < (isBraced ? 8 : 2), scalar.properties.isASCIIHexDigit {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value), !isBraced || skip("}"),
            isBraced || digits.count == 2
        else { throw error("\\x\(digits) is no character") }
        return scalar
    }

    private mutating func octal() throws(ActionError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        while let scalar = next, count < 2, ("0"..."7").contains(scalar) {
            value = value * 8 + scalar.value - 48
            position += 1
            count += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("\\0 is no character") }
        return scalar
    }

    private mutating func bracket() throws(ActionError) -> ScalarSet {
        let isInverted = skip("^")
        var set = ScalarSet([])
        var isFirst = true
        while isFirst || next != "]" {
            guard let scalar = next else { throw error("a ] is missing") }
            isFirst = false
            if let named = try namedClass() {
                set.formUnion(named)
                continue
            }
            position += 1
            if scalar == "\\", let letter = next, let perl = ScalarSet.perl(letter) {
                position += 1
                set.formUnion(perl)
                continue
            }
            let low = try bracketScalar(scalar)
            var high = low
            if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 2
                high = try bracketScalar(scalars[position - 1])
            }
            guard low <= high else { throw error("the range \(low)-\(high) is upside down") }
            set.formUnion(ScalarSet([low.value...high.value]))
        }
        position += 1
        if flags.ignoresCase { set = set.foldingASCIICase }
        return isInverted ? set.inverted : set
    }

    private mutating func bracketScalar(_ scalar: Unicode.Scalar) throws(ActionError) -> Unicode.Scalar {
        guard scalar == "\\" else { return scalar }
        guard let letter = next else { throw error("it ends with a backslash") }
        position += 1
        return try escapedScalar(letter)
    }

    /// `[:alpha:]`, `[:^digit:]` inside brackets.
    private mutating func namedClass() throws(ActionError) -> ScalarSet? {
        guard skip("[:") else { return nil }
        let isInverted = skip("^")
        var name = ""
        while let scalar = next, scalar != ":" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard skip(":]"), let set = ScalarSet.named[name] else { throw error("the class [:\(name):] is not known") }
        return isInverted ? set.inverted : set
    }
}
