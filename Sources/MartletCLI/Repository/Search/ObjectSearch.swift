import ResticFormat
import ResticRepository

/// Looks for what blobs and folders are needed for.
struct ObjectSearch: Sendable {
    struct Found: Sendable {
        let handle: BlobHandle
        /// Of the file that has the blob, or of the folder.
        let path: String
        /// The folder that a blob's file lies in; nil for folders.
        let parent: ResticID?
    }

    let wanted: Set<BlobHandle>

    /// - Parameter found: called in the order of paths.
    func run(_ root: ResticID, in repository: IndexedRepository, found: (Found) -> Void) async throws {
        let root = BlobHandle(.tree, root)
        if wanted.contains(root) { found(Found(handle: root, path: "/", parent: nil)) }
        // The folder of an entry is the last one on the way to it.
        var way = [root.id]
        try await TreeWalk(repository).run(root.id) { step in
            way.removeLast(way.count - step.path.count)
            tell(step, parent: way[way.count - 1], found)
            if let subtree = step.node.subtree { way.append(subtree) }
            return .goOn
        }
    }

    private func tell(_ step: TreeWalk.Step, parent: ResticID, _ found: (Found) -> Void) {
        if let subtree = step.node.subtree, wanted.contains(BlobHandle(.tree, subtree)) {
            found(Found(handle: BlobHandle(.tree, subtree), path: step.text, parent: nil))
        }
        var told: Set<ResticID> = []
        for id in step.node.content ?? [] where wanted.contains(BlobHandle(.data, id)) && told.insert(id).inserted {
            found(Found(handle: BlobHandle(.data, id), path: step.text, parent: parent))
        }
    }
}
