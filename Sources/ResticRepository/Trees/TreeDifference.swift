package import ResticFormat

/// How an entry differs between two snapshots. Source: restic's documentation, "Comparing Snapshots".
package enum TreeChange: String, Sendable, Hashable {
    case added = "+"
    case removed = "-"
    case contentChanged = "M"
    case kindChanged = "T"
    case metadataChanged = "U"
    /// The content differs and nothing else does: a disk may have lost bits.
    case suspicious = "M?"
}

/// Numbers of what only one of two snapshots has.
package struct TreeDifferenceCounts: Sendable, Hashable {
    package var files = 0
    package var directories = 0
    package var others = 0
    package var dataBlobs = 0
    package var treeBlobs = 0
    /// Of these blobs, before compression.
    package var bytes: Int64 = 0
}

package struct TreeDifference: Sendable {
    package var changedFiles = 0
    package var added = TreeDifferenceCounts()
    package var removed = TreeDifferenceCounts()
}

/// Compares two directories and all beneath them. Equal subdirectories are not read.
///
/// Memory: 40 bytes for each blob that only one side has.
package struct TreeComparison {
    private let repository: IndexedRepository
    private let reportsMetadata: Bool
    private var result = TreeDifference()
    private var leftBlobs: Set<BlobHandle> = []
    private var rightBlobs: Set<BlobHandle> = []

    package init(_ repository: IndexedRepository, reportsMetadata: Bool = false) {
        self.repository = repository
        self.reportsMetadata = reportsMetadata
    }

    /// - Parameter visit: each difference with its path; directories' with a slash at the end.
    package consuming func compare(
        _ left: ResticID, _ right: ResticID, visit: (String, TreeChange) -> Void
    ) async throws(RepositoryError) -> TreeDifference {
        var comparison = self
        if left != right {
            comparison.leftBlobs.insert(BlobHandle(.tree, left))
            comparison.rightBlobs.insert(BlobHandle(.tree, right))
            try await comparison.compareTrees(left, right, "/", visit)
        }
        comparison.countBlobs()
        return comparison.result
    }

    private mutating func countBlobs() {
        let common = leftBlobs.intersection(rightBlobs)
        count(leftBlobs.subtracting(common), \.removed)
        count(rightBlobs.subtracting(common), \.added)
    }

    private mutating func count(
        _ blobs: Set<BlobHandle>, _ side: WritableKeyPath<TreeDifference, TreeDifferenceCounts>
    ) {
        for blob in blobs {
            if blob.kind == .data { result[keyPath: side].dataBlobs += 1 } else { result[keyPath: side].treeBlobs += 1 }
            result[keyPath: side].bytes += Int64(repository.index.plainLength(of: blob) ?? 0)
        }
    }

    private mutating func compareTrees(
        _ left: ResticID, _ right: ResticID, _ path: String, _ visit: (String, TreeChange) -> Void
    ) async throws(RepositoryError) {
        var lefts = try await repository.loadTree(left).nodes[...]
        var rights = try await repository.loadTree(right).nodes[...]
        while let step = TreeComparison.next(&lefts, &rights) {
            switch step {
            case (let left?, let right?): try await compareNodes(left, right, path, visit)
            case (let left?, nil): try await tell(left, .removed, path, visit)
            case (nil, let right?): try await tell(right, .added, path, visit)
            case (nil, nil): return
            }
        }
    }

    /// The next entry of both, or of one if the other has none of that name.
    private static func next(_ lefts: inout ArraySlice<Node>, _ rights: inout ArraySlice<Node>) -> (Node?, Node?)? {
        switch (lefts.first, rights.first) {
        case (nil, nil): return nil
        case (let left?, let right?) where left.name == right.name: return (lefts.popFirst(), rights.popFirst())
        case (let left?, let right?) where left.name < right.name: return (lefts.popFirst(), nil)
        case (_?, nil): return (lefts.popFirst(), nil)
        default: return (nil, rights.popFirst())
        }
    }

    private mutating func compareNodes(
        _ left: Node, _ right: Node, _ path: String, _ visit: (String, TreeChange) -> Void
    ) async throws(RepositoryError) {
        note(left, \.leftBlobs)
        note(right, \.rightBlobs)
        let text = path + right.name.description + (right.kind == .directory ? "/" : "")
        if let change = TreeComparison.change(left, right, reportsMetadata) {
            visit(text, change)
            if change == .contentChanged || change == .suspicious { result.changedFiles += 1 }
        }
        switch (left.subtree, right.subtree) {
        case (let left?, let right?) where left != right: try await compareTrees(left, right, text, visit)
        case (let left?, nil): try await tellAll(left, .removed, text, visit)
        case (nil, let right?): try await tellAll(right, .added, text, visit)
        default: return
        }
    }

    private static func change(_ left: Node, _ right: Node, _ reportsMetadata: Bool) -> TreeChange? {
        if left.kind != right.kind { return .kindChanged }
        if left.kind == .file && left.content != right.content {
            return isSameMetadata(left, right) && left.size == right.size ? .suspicious : .contentChanged
        }
        return reportsMetadata && !isSameMetadata(left, right) ? .metadataChanged : nil
    }

    private static func isSameMetadata(_ left: Node, _ right: Node) -> Bool {
        var left = left
        (left.content, left.subtree, left.size) = (right.content, right.subtree, right.size)
        return left == right
    }

    private mutating func note(_ node: Node, _ side: WritableKeyPath<TreeComparison, Set<BlobHandle>>) {
        if let subtree = node.subtree { self[keyPath: side].insert(BlobHandle(.tree, subtree)) }
        for id in node.content ?? [] { self[keyPath: side].insert(BlobHandle(.data, id)) }
    }

    private mutating func tell(
        _ node: Node, _ change: TreeChange, _ path: String, _ visit: (String, TreeChange) -> Void
    ) async throws(RepositoryError) {
        let side: WritableKeyPath<TreeDifference, TreeDifferenceCounts> = change == .added ? \.added : \.removed
        let text = path + node.name.description + (node.kind == .directory ? "/" : "")
        visit(text, change)
        note(node, change == .added ? \.rightBlobs : \.leftBlobs)
        switch node.kind {
        case .file: result[keyPath: side].files += 1
        case .directory: result[keyPath: side].directories += 1
        default: result[keyPath: side].others += 1
        }
        if let subtree = node.subtree { try await tellAll(subtree, change, text, visit) }
    }

    private mutating func tellAll(
        _ id: ResticID, _ change: TreeChange, _ path: String, _ visit: (String, TreeChange) -> Void
    ) async throws(RepositoryError) {
        for node in try await repository.loadTree(id).nodes { try await tell(node, change, path, visit) }
    }
}
