import Basics
import ResticFormat
import Synchronization

extension IndexedRepository {
    /// What the snapshots with these root trees need.
    ///
    /// - Throws: `.damaged` if anything that is needed is missing or cannot be read: then nobody can know what is not needed.
    func usedBlobs(roots: [ResticID]) async throws(RepositoryError) -> UsedBlobs {
        let marks = UsageMarks(index: index)
        try await TreeSweep(repository: self).run(roots: roots) { marks.note($0) }
        return try marks.finish()
    }
}

/// Collects what a sweep finds, from several tasks.
private final class UsageMarks: Sendable {
    private struct State {
        var used: UsedBlobs
        var failure: RepositoryError?
        var missing = 0
    }

    private let index: RepositoryIndex
    private let state: Mutex<State>

    init(index: RepositoryIndex) {
        self.index = index
        state = Mutex(State(used: UsedBlobs(index: index)))
    }

    func note(_ swept: SweptTree) -> [ResticID] {
        switch swept {
        case .bad(_, let error):
            state.withLock { $0.failure = $0.failure ?? error }
            return []
        case .tree(let id, let tree):
            let position = index.trees.positions(of: id).first
            let content = tree.nodes.lazy.compactMap(\.content).joined()
            let places = Array(content.map { self.index.data.positions(of: $0).first ?? -1 })
            state.withLock { state in
                if let position { _ = state.used.trees.insert(position) }
                for place in places {
                    if place < 0 { state.missing += 1 } else { _ = state.used.data.insert(place) }
                }
            }
            return tree.subtrees
        }
    }

    func finish() throws(RepositoryError) -> UsedBlobs {
        let (used, failure, missing) = state.withLock { ($0.used, $0.failure, $0.missing) }
        if let failure {
            throw RepositoryError(.damaged, "a directory that is needed cannot be read: run check", cause: failure)
        }
        guard missing == 0 else {
            throw RepositoryError(.damaged, "\(missing) blobs that files need are in no index: run check")
        }
        return used
    }
}
