import Basics
package import ResticFormat
import Synchronization

extension Repository {
    /// Makes a snapshot of all directories that no snapshot and no other directory holds: what is left when snapshots were
    /// lost. Repair the index first.
    ///
    /// - Returns: the snapshot, nil if there is no such directory.
    /// - Throws: `.damaged` if the index cannot be read; `.store`, `.cancelled`.
    package func recover() async throws -> ResticID? {
        let known = try await listSnapshots().snapshots.map(\.snapshot.tree)
        let indexed = try await loadIndex()
        let orphans = try await indexed.rootsWithoutSnapshot(known)
        guard !orphans.isEmpty else { return nil }
        let time = now()
        let root = try await indexed.withBlobWriter { writer in
            var tree = Tree()
            for id in orphans.sorted() {
                var node = Node(
                    name: FileName(id.shortDescription), kind: .directory,
                    mode: GoFileMode(rawValue: GoFileMode.directory | 0o755), modified: time)
                node.subtree = id
                if tree.nodes.last?.name != node.name { tree.nodes.append(node) }
            }
            return try await writer.save(tree)
        }
        var snapshot = SnapshotFile(time: time, tree: root, paths: ["/recover"])
        snapshot.hostname = environment.owner.hostname
        snapshot.username = environment.owner.username
        snapshot.tags = ["recovered"]
        return try await saveSnapshot(snapshot)
    }
}

extension BlobWriter {
    /// Stores a directory.
    /// - Throws: `.invalid` if its names do not ascend; as `save`.
    package func save(_ tree: Tree) async throws(RepositoryError) -> ResticID {
        let text: [UInt8]
        do throws(FormatError) {
            text = try tree.encoded()
        } catch {
            throw RepositoryError(.invalid, "a directory cannot be written", cause: error)
        }
        let id = ResticID(hashing: text)
        try await waitForRoom()
        _ = try save(.tree, id: id, text)
        return id
    }
}

extension IndexedRepository {
    /// Directories that can be read, that none of `snapshots` is, and that no other directory holds.
    fileprivate func rootsWithoutSnapshot(_ snapshots: [ResticID]) async throws(RepositoryError) -> Set<ResticID> {
        let found = OrphanTrees()
        try await TreeSweep(repository: self).run(roots: index.trees.records.map(\.id)) { swept in
            if case .tree(let id, let tree) = swept { found.add(id, tree.subtrees) }
            return []
        }
        return found.roots.subtracting(snapshots)
    }
}

private final class OrphanTrees: Sendable {
    private let state = Mutex<(readable: Set<ResticID>, children: Set<ResticID>)>(([], []))

    var roots: Set<ResticID> { state.withLock { $0.readable.subtracting($0.children) } }

    func add(_ id: ResticID, _ children: [ResticID]) {
        state.withLock { state in
            state.readable.insert(id)
            state.children.formUnion(children)
        }
    }
}
