package import ResticFormat

/// Finds what a path within a snapshot names.
package struct SnapshotPath: Sendable {
    package enum Found: Sendable {
        /// The root of the snapshot, or a folder: its tree.
        case folder(tree: ResticID, node: Node?)
        case item(Node)
    }

    private let trees: TreeSource

    package init(trees: @escaping TreeSource) { self.trees = trees }

    /// - Parameter path: names with slashes between, as in `ID:path`; empty and `/` are the root.
    /// - Throws: `FileError` `.notFound` if there is no such path; what `trees` throws.
    package func find(_ path: LocalPath, in root: ResticID) async throws -> Found {
        var tree = root
        var names = path.cleaned.names.filter { $0 != [dot] }[...]
        var folder: Node?
        var way = LocalPath(bytes: [slash])
        while let name = names.popFirst() {
            way = way.appending(name)
            guard let node = try await trees(tree).nodes.first(where: { $0.name.bytes == name }) else {
                throw FileError(.notFound, "the snapshot has no '\(way)'")
            }
            guard node.kind == .directory, let subtree = node.subtree else {
                guard names.isEmpty else { throw FileError(.notFound, "'\(way)' in the snapshot is no folder") }
                return .item(node)
            }
            folder = node
            tree = subtree
        }
        return .folder(tree: tree, node: folder)
    }
}
