/// A regular expression in Go's syntax (RE2), as `resourceNameRegex` of a resource modifier has it.
///
/// The engine is our own and small: it steps through all alternatives at once, so the time is at most the length of the
/// text times the size of the program, whatever the pattern; Swift's `Regex` goes back and forth and can take
/// exponential time on a pattern that somebody put into a ConfigMap. It only says whether there is a match.
///
/// Bounds: 1,000 bytes of pattern, 100 levels of groups, 1,000 repetitions in one counted repeat (Go's own limit),
/// 10,000 steps of program. Not supported, and refused by name: Unicode classes (`\pL`) and `\C`. `(?i)` folds ASCII
/// letters alone. Source: https://github.com/google/re2/wiki/Syntax
package struct RegularExpression: Sendable, Hashable {
    package let pattern: String
    private let program: [RegexStep]

    static let maximumPatternLength = 1_000
    static let maximumProgramLength = 10_000

    /// - Throws: `ActionError` that names what in the pattern is wrong.
    package init(_ pattern: String) throws(ActionError) {
        guard pattern.utf8.count <= RegularExpression.maximumPatternLength else {
            throw ActionError(
                "the regular expression has \(pattern.utf8.count) bytes; at most "
                    + "\(RegularExpression.maximumPatternLength) are taken")
        }
        var parser = RegexParser(pattern)
        let node = try parser.parse()
        var compiler = RegexCompiler()
        try compiler.compile(node)
        self.pattern = pattern
        program = compiler.program + [.match]
    }

    package static func == (left: RegularExpression, right: RegularExpression) -> Bool {
        left.pattern == right.pattern
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }

    /// Whether the pattern matches somewhere in `text`; `^` and `$` tie it to the ends.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current = StepSet(count: program.count)
        var next = StepSet(count: program.count)
        for position in 0...scalars.count {
            if add(0, to: &current, scalars, position) { return true }
            guard position < scalars.count else { return false }
            next.removeAll()
            for step in current.elements {
                if case .scalar(let set) = program[step], set.contains(scalars[position]),
                    add(step + 1, to: &next, scalars, position + 1)
                {
                    return true
                }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Adds a step and all that follow from it without reading a scalar; true if one of them is the end.
    private func add(_ first: Int, to set: inout StepSet, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
        var pending = [first]
        while let step = pending.popLast() {
            guard set.insert(step) else { continue }
            switch program[step] {
            case .match: return true
            case .scalar: break
            case .jump(let target): pending.append(target)
            case .split(let left, let right): pending += [left, right]
            case .assert(let assertion):
                if assertion.holds(in: text, at: position) { pending.append(step + 1) }
            }
        }
        return false
    }
}

/// Numbers below `count`, each at most once, in the order of insertion; emptied in constant time.
private struct StepSet {
    private(set) var elements: [Int] = []
    private var marks: [UInt32]
    private var round: UInt32 = 1

    init(count: Int) { marks = Array(repeating: 0, count: count) }

    mutating func insert(_ step: Int) -> Bool {
        if marks[step] == round { return false }
        marks[step] = round
        elements.append(step)
        return true
    }

    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        round += 1
    }
}

enum RegexStep: Sendable, Hashable {
    case scalar(ScalarSet)
    case jump(Int)
    case split(Int, Int)
    case assert(RegexAssertion)
    case match
}

enum RegexAssertion: Sendable, Hashable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    func holds(in text: [Unicode.Scalar], at position: Int) -> Bool {
        switch self {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == "\n"
        case .lineEnd: position == text.count || text[position] == "\n"
        case .wordBoundary: isBoundary(text, position)
        case .noWordBoundary: !isBoundary(text, position)
        }
    }

    private func isBoundary(_ text: [Unicode.Scalar], _ position: Int) -> Bool {
        let before = position > 0 && ScalarSet.word.contains(text[position - 1])
        let after = position < text.count && ScalarSet.word.contains(text[position])
        return before != after
    }
}

/// Turns the tree of a pattern into steps.
private struct RegexCompiler {
    private(set) var program: [RegexStep] = []

    private mutating func emit(_ step: RegexStep) throws(ActionError) {
        guard program.count < RegularExpression.maximumProgramLength else {
            throw ActionError(
                "the regular expression is too large: more than \(RegularExpression.maximumProgramLength) steps")
        }
        program.append(step)
    }

    mutating func compile(_ node: RegexNode) throws(ActionError) {
        switch node {
        case .empty: break
        case .scalars(let set): try emit(.scalar(set))
        case .assertion(let assertion): try emit(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .alternatives(let nodes): try compile(alternatives: nodes[...])
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try compile(node) }
            if let most {
                for _ in least..<most { try compile(optional: node) }
            } else {
                try compile(any: node)
            }
        }
    }

    private mutating func compile(alternatives nodes: ArraySlice<RegexNode>) throws(ActionError) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try compile(first) }
        let split = program.count
        try emit(.split(0, 0))
        try compile(first)
        let jump = program.count
        try emit(.jump(0))
        program[split] = .split(split + 1, program.count)
        try compile(alternatives: nodes.dropFirst())
        program[jump] = .jump(program.count)
    }

    private mutating func compile(optional node: RegexNode) throws(ActionError) {
        let split = program.count
        try emit(.split(0, 0))
        try compile(node)
        program[split] = .split(split + 1, program.count)
    }

    private mutating func compile(any node: RegexNode) throws(ActionError) {
        let split = program.count
        try emit(.split(0, 0))
        try compile(node)
        try emit(.jump(split))
        program[split] = .split(split + 1, program.count)
    }
}
