package import ResticFormat

/// What became of a snapshot that was looked at.
package enum SnapshotRepair: Sendable, Hashable {
    case whole
    /// What is left of it is a new snapshot.
    case repaired(ResticID)
    /// Nothing is left; it was removed if wanted.
    case lost
}

extension Repository {
    /// Makes snapshots that can be restored of those that lost something: what is lost is left out.
    ///
    /// Files lose the pieces that are in no index, directories that cannot be read become empty. Repair the index first.
    /// - Parameter forgets: whether damaged snapshots are removed, with their place taken; needs an exclusive lock.
    ///   Otherwise the new ones get the tag `repaired`.
    /// - Returns: by the ids of the snapshots.
    /// - Throws: `.damaged` if the index cannot be read; `.store`, `.cancelled`.
    package func repairSnapshots(
        _ snapshots: [StoredSnapshot], forgets: Bool
    ) async throws -> [ResticID: SnapshotRepair] {
        let indexed = try await loadIndex()
        let roots = try await indexed.repairTrees(snapshots.map(\.snapshot.tree))
        var repairs: [ResticID: SnapshotRepair] = [:]
        for (old, root) in zip(snapshots, roots) {
            repairs[old.id] = try await replace(old, root: root, forgets: forgets)
        }
        return repairs
    }

    private func replace(
        _ old: StoredSnapshot, root: ResticID?, forgets: Bool
    ) async throws(RepositoryError) -> SnapshotRepair {
        guard root != old.snapshot.tree else { return .whole }
        guard let root else {
            if forgets, let error = try await removeSnapshots([old.id])[old.id] {
                throw RepositoryError(error, "removing snapshot \(old.id)")
            }
            return .lost
        }
        var repaired = old.snapshot
        repaired.tree = root
        if forgets { return .repaired(try await replaceSnapshot(old, with: repaired)) }
        if !repaired.tags.contains("repaired") { repaired.tags.append("repaired") }
        repaired.original = old.id
        return .repaired(try await saveSnapshot(repaired))
    }
}

extension IndexedRepository {
    /// - Returns: for each root what is left of it; nil for nothing.
    fileprivate func repairTrees(_ roots: [ResticID]) async throws -> [ResticID?] {
        let index = index
        return try await withBlobWriter { writer in
            var rewriter = TreeRewriter(repository: self, writer: writer) { _, node in
                IndexedRepository.repair(node, index)
            }
            rewriter.replacement = Tree()
            rewriter.losesUnknown = true
            var repaired: [ResticID?] = []
            for root in roots { repaired.append(try await rewriter.rewrite(root)) }
            return repaired
        }
    }

    private static func repair(_ node: Node, _ index: RepositoryIndex) -> TreeRewriter.Verdict {
        guard node.name.isPlain, node.kind != .irregular, node.kind != .unknown else { return .drop }
        if node.kind == .directory { return node.subtree == nil ? .drop : .keep }
        guard node.kind == .file else { return .keep }
        guard let content = node.content else { return .drop }
        let left = content.filter { index.contains(BlobHandle(.data, $0)) }
        guard left.count < content.count else { return .keep }
        var changed = node
        changed.content = left
        changed.size = left.reduce(0) { $0 + UInt64(index.plainLength(of: BlobHandle(.data, $1)) ?? 0) }
        return .change(changed)
    }
}
