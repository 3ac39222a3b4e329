/// A pattern for paths, as restic has them.
///
/// It is cleaned and split at slashes. With a slash in front it begins at the root; without, it may match any run of
/// consecutive names of a path. A name is matched by a `NamePattern`; `**` alone between slashes stands for any number
/// of names, also none. What matches a folder matches everything in it. A `!` in front takes back what earlier patterns of a
/// list matched.
package struct PathPattern: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case name(NamePattern)
        /// `**`
        case anyNames
    }

    let parts: [Part]
    let isAnchored: Bool
    package let isNegated: Bool
    let ignoresCase: Bool

    /// - Throws: `.invalid` for an empty pattern and one that `NamePattern` does not understand.
    package init(_ text: String, ignoresCase: Bool = false) throws(FileError) {
        var bytes = Array((ignoresCase ? text.lowercased() : text).utf8)
        isNegated = bytes.first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        guard !bytes.isEmpty else { throw FileError(.invalid, "an empty pattern would match nothing") }
        let path = LocalPath(bytes: bytes).cleaned
        isAnchored = path.isAbsolute
        self.ignoresCase = ignoresCase
        var parts: [Part] = []
        for name in path.names {
            parts.append(name == [star, star] ? .anyNames : .name(try NamePattern(name)))
        }
        self.parts = parts
    }

    /// Whether `path`, the names from the root, or one of the folders that it lies in matches.
    package func matches(_ path: [[UInt8]]) -> Bool {
        let path = folded(path)
        return (0...path.count).contains { matchesEnd(of: path[..<$0]) }
    }

    /// Whether the last name of `path` ends a match. Folders above that match are not looked for.
    /// - Precondition: the names are lower case if the pattern ignores case.
    func matchesEnd(of path: ArraySlice<[UInt8]>) -> Bool {
        guard !path.isEmpty else { return isAnchored && parts.allSatisfy { $0 == .anyNames } }
        return matchesEnd(parts[...], path)
    }

    /// Matches from the back; the pattern may begin anywhere unless it is anchored.
    private func matchesEnd(_ parts: ArraySlice<Part>, _ path: ArraySlice<[UInt8]>) -> Bool {
        guard let last = parts.last else { return !isAnchored || path.isEmpty }
        switch last {
        case .name(let pattern):
            guard let name = path.last, pattern.matches(name) else { return false }
            return matchesEnd(parts.dropLast(), path.dropLast())
        case .anyNames:
            // Without an anchor, "none" is as good as "some": what stands before may begin anywhere.
            let rest = parts.dropLast()
            return (0...path.count).contains { matchesEnd(rest, path.dropLast($0)) }
        }
    }

    /// Whether something beneath the folder `path` could match, if the folder itself does not.
    package func mayMatchBelow(_ path: [[UInt8]]) -> Bool {
        guard isAnchored else { return true }
        for (part, name) in zip(parts, folded(path)) {
            switch part {
            case .anyNames: return true
            case .name(let pattern): if !pattern.matches(name) { return false }
            }
        }
        return true
    }

    func folded(_ path: [[UInt8]]) -> [[UInt8]] {
        ignoresCase ? path.map(PathPattern.lowercased) : path
    }

    static func lowercased(_ name: [UInt8]) -> [UInt8] {
        guard let text = String(validating: name, as: UTF8.self) else { return name }
        return Array(text.lowercased().utf8)
    }
}

private let star = UInt8(ascii: "*")
