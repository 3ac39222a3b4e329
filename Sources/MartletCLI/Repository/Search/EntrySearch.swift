import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

/// Looks for entries of a snapshot by their paths and times. Memory: the folders on the way down.
struct EntrySearch: Sendable {
    let patterns: PatternList
    let oldest: Timestamp?
    let newest: Timestamp?

    /// Paths have at most 4096 bytes, so at most half as many folders.
    private static let deepest = 2048

    /// - Parameter found: called in the order of paths, a folder before what is in it.
    func run(_ root: ResticID, in repository: IndexedRepository, found: (String, Node) -> Void) async throws {
        try await search(root, at: "", PatternScope(patterns), in: repository, depth: 0, found)
    }

    private func search(
        _ tree: ResticID, at path: String, _ scope: PatternScope, in repository: IndexedRepository, depth: Int,
        _ found: (String, Node) -> Void
    ) async throws {
        guard depth < EntrySearch.deepest else {
            throw RepositoryError(.damaged, "folders are nested more than \(EntrySearch.deepest) deep")
        }
        for node in try await repository.loadTree(tree).nodes {
            try Task.checkCancellation()
            let inner = path + "/" + node.name.description
            if isInTime(node), scope.selects(node.name.bytes) { found(inner, node) }
            guard node.kind == .directory, let subtree = node.subtree else { continue }
            try await search(
                subtree, at: inner, scope.entering(node.name.bytes), in: repository, depth: depth + 1, found)
        }
    }

    private func isInTime(_ node: Node) -> Bool {
        let time = node.modified.instant
        if let oldest, time < oldest { return false }
        if let newest, time > newest { return false }
        return true
    }
}
