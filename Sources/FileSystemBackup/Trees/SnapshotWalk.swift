package import ResticFormat

/// Walks the tree of a snapshot in the order of paths, each folder before what is in it.
///
/// Memory: the trees on the way down, and up to 16 of each folder on it that are fetched ahead: a store far away answers each
/// after some time.
package struct SnapshotWalk: Sendable {
    package struct Visit: Sendable {
        /// `/folder/file`
        package let path: LocalPath
        package let node: Node
    }

    package enum Direction: Sendable {
        case descend
        /// Nothing in this folder is visited.
        case pass
    }

    private static let fetchedAhead = 16
    private static let deepest = 4096

    private let trees: TreeSource

    package init(trees: @escaping TreeSource) { self.trees = trees }

    /// - Parameters:
    ///   - root: the tree that is walked.
    ///   - path: what its place is called.
    ///   - visit: called one by one; what it says matters for folders only.
    /// - Throws: what the source and `visit` throw; `FileError` `.hostile` for a tree deeper than any path.
    package func run(
        _ root: ResticID, at path: LocalPath = "/", visit: (Visit) async throws -> Direction
    ) async throws {
        try await walk(try await trees(root), path, depth: 0, visit)
    }

    private func walk(
        _ tree: Tree, _ path: LocalPath, depth: Int, _ visit: (Visit) async throws -> Direction
    ) async throws {
        guard depth < SnapshotWalk.deepest else {
            throw FileError(.hostile, "the tree is deeper than \(depth) folders")
        }
        var fetched: [ResticID: Tree] = [:]
        for (place, node) in tree.nodes.enumerated() {
            try Task.checkCancellation()
            let inner = path.appending(node.name.bytes)
            let direction = try await visit(Visit(path: inner, node: node))
            guard let subtree = node.subtree, node.kind == .directory, direction == .descend else { continue }
            if fetched[subtree] == nil { fetched = try await fetch(tree.nodes[place...]) }
            guard let next = fetched[subtree] else { continue }
            try await walk(next, inner, depth: depth + 1, visit)
        }
    }

    private func fetch(_ nodes: ArraySlice<Node>) async throws -> [ResticID: Tree] {
        var ids: Set<ResticID> = []
        for node in nodes where node.kind == .directory {
            if let subtree = node.subtree { ids.insert(subtree) }
            if ids.count == SnapshotWalk.fetchedAhead { break }
        }
        return try await withThrowingTaskGroup(of: (ResticID, Tree).self) { group in
            for id in ids { group.addTask { [trees] in (id, try await trees(id)) } }
            var fetched: [ResticID: Tree] = [:]
            while let (id, tree) = try await group.next() { fetched[id] = tree }
            return fetched
        }
    }
}
