/// How a snapshot is brought back.
package struct RestoreOptions: Sendable {
    package enum Overwrite: String, Sendable, CaseIterable {
        /// Existing files are compared with the snapshot and made equal to it.
        case always
        /// Existing files of the same size and time of modification are trusted; the others are compared.
        case ifChanged = "if-changed"
        /// Only existing files that are older than the snapshot's are touched.
        case ifNewer = "if-newer"
        /// Nothing that exists is touched.
        case never
    }

    package enum Ownership: Sendable {
        /// Owners as numbers; what a restore between clusters wants.
        case byNumber
        /// Owners by the names that the snapshot has; root where this machine does not know the name.
        case byName
    }

    package var overwrite = Overwrite.always
    /// Removes what the snapshot does not have, as far as it is selected.
    package var deletes = false
    /// Leaves holes for zeros in files that the restore creates.
    package var isSparse = false
    /// Reads every restored file again and compares it with the snapshot.
    package var verifies = false
    package var selection = RestoreSelection.everything
    package var attributes = AttributeSelection.everything
    package var ownership = Ownership.byNumber

    package init() {}

    /// - Throws: `.invalid` for options that together would do harm.
    func check(target: LocalPath) throws(FileError) {
        if deletes, target.cleaned.bytes == [slash], selection.isEverything {
            throw FileError(
                .invalid, "deleting in '/' needs patterns to include or exclude: everything else there would be lost")
        }
    }
}

/// Which extended attributes are restored. Source: restic's `--include-xattr` and `--exclude-xattr`.
package enum AttributeSelection: Sendable {
    case everything
    case including([String])
    case excluding([String])

    /// - Throws: `.invalid` for patterns that make no sense.
    func compiled() throws(FileError) -> CompiledAttributeSelection {
        switch self {
        case .everything: return CompiledAttributeSelection(patterns: [], isExcluding: true)
        case .including(let texts):
            return CompiledAttributeSelection(patterns: try AttributeSelection.parse(texts), isExcluding: false)
        case .excluding(let texts):
            return CompiledAttributeSelection(patterns: try AttributeSelection.parse(texts), isExcluding: true)
        }
    }

    private static func parse(_ texts: [String]) throws(FileError) -> [NamePattern] {
        var patterns: [NamePattern] = []
        for text in texts { patterns.append(try NamePattern(Array(text.utf8))) }
        return patterns
    }
}

struct CompiledAttributeSelection: Sendable {
    let patterns: [NamePattern]
    let isExcluding: Bool

    func selects(_ name: [UInt8]) -> Bool { patterns.contains { $0.matches(name) } != isExcluding }
}
