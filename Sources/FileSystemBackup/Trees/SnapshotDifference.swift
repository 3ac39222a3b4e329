package import ResticFormat

/// What is different between two trees of snapshots.
///
/// Folders with the same tree are not looked into. Memory: the trees on the way down, twice.
package struct SnapshotDifference: Sendable {
    package struct Change: Sendable, Hashable {
        package let path: LocalPath
        /// As restic's `diff` says it: `+` added, `-` removed, `M` content, `T` kind, `U` metadata, `?` content with all
        /// else equal, which hints at a broken disk or memory.
        package let modifier: String
        /// Before and after; nil where there is none.
        package let before: Node?
        package let after: Node?
    }

    /// What was added or removed.
    package struct Sum: Sendable, Hashable {
        package var files: UInt64 = 0
        package var folders: UInt64 = 0
        package var others: UInt64 = 0
        /// Of the files' content, in bytes.
        package var bytes: UInt64 = 0

        package init() {}

        mutating func add(_ node: Node) {
            switch node.kind {
            case .file:
                files += 1
                bytes &+= node.size
            case .directory: folders += 1
            default: others += 1
            }
        }
    }

    package struct Summary: Sendable, Hashable {
        package var changedFiles: UInt64 = 0
        package var added = Sum()
        package var removed = Sum()
        /// Blobs that only one of the two has.
        package var addedBlobs: Set<BlobHandle> = []
        package var removedBlobs: Set<BlobHandle> = []

        package init() {}
    }

    private let trees: TreeSource
    private let comparesMetadata: Bool

    package init(trees: @escaping TreeSource, comparesMetadata: Bool = false) {
        self.trees = trees
        self.comparesMetadata = comparesMetadata
    }

    /// - Parameter report: called in the order of paths.
    package func run(
        from before: ResticID, to after: ResticID, report: (Change) throws -> Void
    ) async throws -> Summary {
        var summary = Summary()
        guard before != after else { return summary }
        try await compare(before, after, "/", &summary, report)
        let shared = summary.addedBlobs.intersection(summary.removedBlobs)
        summary.addedBlobs.subtract(shared)
        summary.removedBlobs.subtract(shared)
        return summary
    }

    /// A nil tree has nothing in it.
    private func compare(
        _ before: ResticID?, _ after: ResticID?, _ path: LocalPath, _ summary: inout Summary,
        _ report: (Change) throws -> Void
    ) async throws {
        if let before { summary.removedBlobs.insert(BlobHandle(.tree, before)) }
        if let after { summary.addedBlobs.insert(BlobHandle(.tree, after)) }
        let old = try await nodes(before)
        let new = try await nodes(after)
        for name in Set(old.keys).union(new.keys).sorted() {
            try Task.checkCancellation()
            let place = path.appending(name.bytes)
            try tell(old[name], new[name], place, &summary, report)
            let oldTree = old[name]?.subtree
            let newTree = new[name]?.subtree
            if oldTree != newTree { try await compare(oldTree, newTree, place, &summary, report) }
        }
    }

    private func nodes(_ tree: ResticID?) async throws -> [FileName: Node] {
        guard let tree else { return [:] }
        var nodes: [FileName: Node] = [:]
        for node in try await trees(tree).nodes { nodes[node.name] = node }
        return nodes
    }

    private func tell(
        _ old: Node?, _ new: Node?, _ path: LocalPath, _ summary: inout Summary, _ report: (Change) throws -> Void
    ) throws {
        if old?.content != new?.content {
            for id in old?.content ?? [] { summary.removedBlobs.insert(BlobHandle(.data, id)) }
            for id in new?.content ?? [] { summary.addedBlobs.insert(BlobHandle(.data, id)) }
        }
        var modifier = ""
        switch (old, new) {
        case (nil, nil): return
        case (nil, let new?):
            summary.added.add(new)
            modifier = "+"
        case (let old?, nil):
            summary.removed.add(old)
            modifier = "-"
        case (let old?, let new?):
            modifier = SnapshotDifference.modifier(old, new, comparesMetadata)
            if modifier.contains("M") { summary.changedFiles += 1 }
        }
        guard !modifier.isEmpty else { return }
        try report(Change(path: path, modifier: modifier, before: old, after: new))
    }

    private static func modifier(_ old: Node, _ new: Node, _ comparesMetadata: Bool) -> String {
        if old.kind != new.kind { return "T" }
        var modifier = ""
        if old.kind == .file, old.content != new.content {
            modifier = "M"
            var twin = new
            twin.content = old.content
            if twin == old { modifier += "?" }
        } else if comparesMetadata {
            var twin = new
            twin.subtree = old.subtree
            if twin != old { modifier = "U" }
        }
        return modifier
    }
}
