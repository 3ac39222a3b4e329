package import ResticFormat

/// How a snapshot is to be changed.
package struct SnapshotRewrite: Sendable {
    /// Whether an entry is left out, with all that is beneath it; nil to leave the trees alone.
    package var excludes: (@Sendable ([FileName], Node) -> Bool)?
    /// Whether directories in which nothing is left go too.
    package var dropsEmptied = false
    package var hostname: String?
    package var time: NodeTime?
    /// Whether the old snapshot is removed; otherwise the new one gets the tag `rewrite`.
    package var forgets = false

    package init() {}
}

/// What became of a snapshot that was to be changed.
package enum SnapshotRewriting: Sendable, Hashable {
    case unchanged
    case changed(ResticID)
    /// Nothing would be left of it; it was removed if wanted.
    case emptied
}

extension Repository {
    /// Writes a changed copy of a snapshot. Needs an exclusive lock to forget the old one, a shared one otherwise.
    ///
    /// - Throws: `.unsupported` if a directory holds something that would get lost; `.damaged`, `.store`, `.cancelled`.
    package func rewriteSnapshot(
        _ old: StoredSnapshot, _ rewrite: SnapshotRewrite
    ) async throws -> SnapshotRewriting {
        var changed = old.snapshot
        if let excludes = rewrite.excludes {
            let root = try await loadIndex().excluding(excludes, from: old.snapshot.tree, rewrite.dropsEmptied)
            guard let root else {
                if rewrite.forgets, let error = try await removeSnapshots([old.id])[old.id] {
                    throw RepositoryError(error, "removing snapshot \(old.id)")
                }
                return .emptied
            }
            changed.tree = root
        }
        if let hostname = rewrite.hostname { changed.hostname = hostname }
        if let time = rewrite.time { changed.time = time }
        guard changed != old.snapshot else { return .unchanged }
        if changed.tree != old.snapshot.tree { changed.summary = nil }
        changed.original = old.id
        if !rewrite.forgets, !changed.tags.contains("rewrite") { changed.tags.append("rewrite") }
        let id = try await saveSnapshot(changed)
        if rewrite.forgets, id != old.id, let error = try await removeSnapshots([old.id])[old.id] {
            throw RepositoryError(error, "removing snapshot \(old.id)")
        }
        return .changed(id)
    }
}

extension IndexedRepository {
    fileprivate func excluding(
        _ excludes: @Sendable @escaping ([FileName], Node) -> Bool, from root: ResticID, _ dropsEmptied: Bool
    ) async throws -> ResticID? {
        try await withBlobWriter { writer in
            var rewriter = TreeRewriter(repository: self, writer: writer) { path, node in
                excludes(path, node) ? .drop : .keep
            }
            rewriter.dropsEmptied = dropsEmptied
            rewriter.dependsOnPath = true
            return try await rewriter.rewrite(root)
        }
    }
}
