/// A target as a text describes it: the manifest, or the table of `docs/architecture.md`.
struct TargetDescription: Equatable, Sendable {
    let name: String
    /// Nil for what has no place in the order: test support.
    let level: Int?
    let sentence: String
    /// Modules of other packages and system libraries, sorted.
    let external: [String]
    /// Targets of this package, sorted. Not in the documentation's table, which only names levels.
    var dependencies: [String] = []
}

/// What `Package.swift` says, read from its text: asking SwiftPM takes too long for a test.
struct Manifest {
    let targets: [TargetDescription]

    init(_ text: String) {
        let products = Manifest.namedProducts(text)
        var targets: [TargetDescription] = []
        var comment: [String] = []
        var rest = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = rest.popFirst() {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("//") {
                comment.append(String(trimmed.drop { $0 == "/" || $0 == " " }))
            } else if Manifest.begins(trimmed) {
                var block = String(trimmed)
                while Manifest.openParentheses(block) > 0, let next = rest.popFirst() { block += "\n" + next }
                targets.append(Manifest.target(block, comment.joined(separator: " "), products))
                comment = []
            } else {
                comment = []
            }
        }
        let names = Set(targets.map(\.name))
        self.targets = targets.map { target in
            let own = target.dependencies.filter(names.contains)
            let other = target.dependencies.filter { !names.contains($0) } + target.external
            return TargetDescription(
                name: target.name, level: target.level, sentence: target.sentence, external: other.sorted(),
                dependencies: own.sorted())
        }
    }

    private static func begins(_ line: Substring) -> Bool {
        ["target(", ".systemLibrary(", ".executableTarget("].contains { line.hasPrefix($0) }
    }

    private static func openParentheses(_ text: String) -> Int {
        text.reduce(0) { $1 == "(" ? $0 + 1 : $1 == ")" ? $0 - 1 : $0 }
    }

    /// Constants such as `let nioCore = Target.Dependency.product(name: "NIOCore", …)`: the module by the constant.
    private static func namedProducts(_ text: String) -> [String: String] {
        var products: [String: String] = [:]
        for match in text.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        return products
    }

    private static func target(_ block: String, _ comment: String, _ products: [String: String]) -> TargetDescription {
        var external: [String] = []
        // Products first, so that the names of their packages are not taken for targets.
        var rest = block
        for match in block.matches(of: /\.product\(name: "(\w+)", package: "[^"]+"\)/) {
            external.append(String(match.1))
            rest = rest.replacing(match.0, with: "")
        }
        if let library = block.firstMatch(of: /pkgConfig: "(\w+)"/) { external.append(String(library.1)) }
        if block.hasPrefix(".systemLibrary") { rest = rest.split(separator: ",").first.map(String.init) ?? rest }
        var names = rest.matches(of: /"(\w+)"/).map { String($0.1) }
        let name = names.isEmpty ? "" : names.removeFirst()
        let words = Set(rest.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        for (constant, product) in products where words.contains(constant) {
            external.append(product)
        }
        var sentence = comment
        var level: Int?
        if let match = comment.firstMatch(of: #/^Level (\d+)\. /#) {
            level = Int(match.1)
            sentence = String(comment[match.range.upperBound...])
        }
        return TargetDescription(
            name: name, level: level, sentence: sentence, external: external, dependencies: names)
    }
}

/// The map of targets in `docs/architecture.md`.
struct ArchitectureTable {
    let rows: [TargetDescription]

    init(_ text: String) {
        rows = text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" }.trimmed }
            guard cells.count == 4, cells[0] == "-" || Int(cells[0]) != nil else { return nil }
            let external = cells[3] == "-" ? [] : cells[3].split(separator: ",").map { String($0).trimmed }
            return TargetDescription(
                name: cells[1], level: Int(cells[0]), sentence: cells[2], external: external.sorted())
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
