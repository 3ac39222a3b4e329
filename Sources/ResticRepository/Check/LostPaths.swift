import Basics
import ResticFormat
import Synchronization

/// Finds the files that damage has hit. Only runs if there is damage: it goes through every directory path by path.
///
/// Memory: 40 bytes for each directory without damage.
struct LostPaths {
    let indexed: IndexedRepository
    let run: CheckRun
    private var clean: Set<ResticID> = []
    private var paths: [LostPath] = []
    private let lost: Set<BlobHandle>
    private let cut: [ResticID: Int64]

    init(indexed: IndexedRepository, run: CheckRun) {
        self.indexed = indexed
        self.run = run
        lost = run.lost.withLock { $0 }
        cut = run.cutPacks.withLock { $0 }
    }

    consuming func find(in snapshots: [StoredSnapshot]) async throws(RepositoryError) -> [LostPath] {
        var search = self
        // The latest first: it is the one that people want back.
        for snapshot in snapshots.reversed() where search.paths.count < CheckReport.mostPaths {
            _ = try await search.visit(snapshot.snapshot.tree, path: "/", snapshot.id, depth: 0)
        }
        return search.paths
    }

    /// Paths have at most 4096 bytes, so at most half as many directories.
    private static let deepest = 2048

    /// - Returns: whether everything beneath is whole.
    private mutating func visit(
        _ id: ResticID, path: String, _ snapshot: ResticID, depth: Int
    ) async throws(RepositoryError) -> Bool {
        if clean.contains(id) { return true }
        guard depth < LostPaths.deepest, paths.count < CheckReport.mostPaths else { return false }
        guard let tree = try await load(id) else {
            paths.append(LostPath(snapshot: snapshot, path: path))
            return false
        }
        var isClean = true
        for node in tree.nodes {
            if node.kind == .directory, let subtree = node.subtree {
                let isWhole = try await visit(subtree, path: "\(path)\(node.name)/", snapshot, depth: depth + 1)
                isClean = isClean && isWhole
            } else if node.content?.contains(where: isLost) ?? false {
                isClean = false
                if paths.count < CheckReport.mostPaths {
                    paths.append(LostPath(snapshot: snapshot, path: "\(path)\(node.name)"))
                }
            }
        }
        if isClean { clean.insert(id) }
        return isClean
    }

    private func load(_ id: ResticID) async throws(RepositoryError) -> Tree? {
        do throws(RepositoryError) {
            return try await indexed.loadTree(id)
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
            return nil
        }
    }

    /// Known to be damaged, or only in what is missing of packs.
    private func isLost(_ id: ResticID) -> Bool {
        let handle = BlobHandle(.data, id)
        if lost.contains(handle) { return true }
        guard !cut.isEmpty else { return false }
        return indexed.index.locations(of: handle).allSatisfy { location in
            cut[location.pack].map { Int64(location.offset + location.length) > $0 } ?? false
        }
    }
}
