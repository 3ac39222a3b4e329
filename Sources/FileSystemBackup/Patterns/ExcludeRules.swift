/// What a backup leaves out.
package struct ExcludeRules: Sendable {
    /// A file whose presence keeps the rest of its folder out.
    package struct Marker: Sendable, Hashable {
        package let name: [UInt8]
        /// What the file must begin with; empty for anything.
        package let header: [UInt8]

        package init(name: [UInt8], header: [UInt8] = []) {
            self.name = name
            self.header = header
        }

        /// `NAME` or `NAME:HEADER`.
        /// - Throws: `.invalid` without a name.
        package init(_ text: String) throws(FileError) {
            let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first, !name.isEmpty, !name.contains("/") else {
                throw FileError(.invalid, "'\(text)' does not name a file whose presence excludes its folder")
            }
            self.init(name: Array(name.utf8), header: halves.count > 1 ? Array(halves[1].utf8) : [])
        }

        /// Source: bford.info/cachedir, "Cache Directory Tagging Specification".
        package static let cacheFolder = Marker(
            name: Array("CACHEDIR.TAG".utf8), header: Array("Signature: 8a477f597d28d172789f06886806bc55".utf8))
    }

    /// An item that one of the lists selects is left out, with all that is in it. Paths are absolute.
    package var lists: [PatternList] = []
    package var markers: [Marker] = []
    /// Larger files are left out; in bytes.
    package var largestFile: Int64?
    /// What lies on another file system than its target is left out; the folders where those begin are kept, empty.
    package var staysOnFileSystem = false

    package init() {}
}

/// The patterns of the rules at one folder.
struct ExcludeScope: Sendable {
    private let scopes: [PatternScope]

    init(_ rules: ExcludeRules) { scopes = rules.lists.filter { !$0.isEmpty }.map(PatternScope.init) }

    private init(_ scopes: [PatternScope]) { self.scopes = scopes }

    func excludes(_ name: [UInt8]) -> Bool { scopes.contains { $0.selects(name) } }

    func entering(_ name: [UInt8]) -> ExcludeScope {
        scopes.isEmpty ? self : ExcludeScope(scopes.map { $0.entering(name) })
    }

    func entering(_ names: [[UInt8]]) -> ExcludeScope {
        names.reduce(self) { $0.entering($1) }
    }
}
