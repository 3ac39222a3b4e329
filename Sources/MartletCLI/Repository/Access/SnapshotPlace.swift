import ResticFormat
import ResticRepository

/// A snapshot, or a folder in it: `latest`, `574d2b23`, `574d2b23:srv/data`. Source: restic's documentation.
struct SnapshotPlace: Sendable, Hashable {
    let name: String
    /// Names from the snapshot's root down; empty for the root.
    let folder: [String]

    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        folder = parts.count == 2 ? parts[1].split(separator: "/").map(String.init).filter { $0 != "." } : []
    }

    /// The snapshot, and the tree of the folder.
    /// - Throws: `.notFound` for a folder that is not there, or is none.
    func find(
        in repository: IndexedRepository, filter: SnapshotFilter = SnapshotFilter()
    ) async throws -> (snapshot: StoredSnapshot, tree: ResticID) {
        let stored = try await repository.repository.snapshot(named: name, filter: filter)
        var tree = stored.snapshot.tree
        for (depth, part) in folder.enumerated() {
            let node = try await repository.loadTree(tree).nodes.first { $0.name == FileName(part) }
            guard let subtree = node?.subtree else {
                let path = folder[...depth].joined(separator: "/")
                throw CommandError(
                    .notFound, "the snapshot \(stored.id.shortDescription) has no folder '\(path)'",
                    advice: ["See what it has: 'martlet repo ls \(stored.id.shortDescription)'"])
            }
            tree = subtree
        }
        return (stored, tree)
    }
}
