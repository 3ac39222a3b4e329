/// Patterns of which the last that matches decides.
package struct PatternList: Sendable, Hashable {
    package let patterns: [PathPattern]

    package init(_ patterns: [PathPattern] = []) { self.patterns = patterns }

    package init(_ texts: [String], ignoresCase: Bool = false) throws(FileError) {
        var patterns: [PathPattern] = []
        for text in texts { patterns.append(try PathPattern(text, ignoresCase: ignoresCase)) }
        self.patterns = patterns
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether `path`, the names from the root, is selected.
    package func selects(_ path: [[UInt8]]) -> Bool {
        var scope = PatternScope(self)
        for name in path.dropLast() { scope = scope.entering(name) }
        guard let last = path.last else { return scope.selectsFolder }
        return scope.selects(last)
    }

    /// Whether something beneath the folder `path` may be selected.
    package func maySelectBelow(_ path: [[UInt8]]) -> Bool {
        patterns.contains { !$0.isNegated && $0.mayMatchBelow(path) } || selects(path)
    }
}

/// A place in the tree at which a list is asked about many names: what has already matched above is kept, so that each
/// question looks at one name. Memory: the names of the path and a flag for each pattern.
package struct PatternScope: Sendable {
    private let list: PatternList
    private var path: [[UInt8]] = []
    private var lowercasedPath: [[UInt8]] = []
    private var matched: [Bool]
    private let needsLowercase: Bool

    /// At the root.
    package init(_ list: PatternList) {
        self.list = list
        needsLowercase = list.patterns.contains(where: \.ignoresCase)
        matched = list.patterns.map { $0.matchesEnd(of: []) }
    }

    /// Whether the folder itself is selected.
    var selectsFolder: Bool { decision(matched) }

    /// Whether the entry `name` of this folder is selected.
    package func selects(_ name: [UInt8]) -> Bool {
        if list.isEmpty { return false }
        return decision(matches(name))
    }

    /// The scope of the folder `name` in this one.
    package func entering(_ name: [UInt8]) -> PatternScope {
        if list.isEmpty { return self }
        var inner = self
        inner.matched = matches(name)
        inner.path.append(name)
        if needsLowercase { inner.lowercasedPath.append(PathPattern.lowercased(name)) }
        return inner
    }

    private func matches(_ name: [UInt8]) -> [Bool] {
        let exact = path + [name]
        let lowercased = needsLowercase ? lowercasedPath + [PathPattern.lowercased(name)] : []
        return list.patterns.indices.map { index in
            let pattern = list.patterns[index]
            return matched[index] || pattern.matchesEnd(of: pattern.ignoresCase ? lowercased[...] : exact[...])
        }
    }

    private func decision(_ matched: [Bool]) -> Bool {
        guard let last = matched.lastIndex(of: true) else { return false }
        return !list.patterns[last].isNegated
    }
}
