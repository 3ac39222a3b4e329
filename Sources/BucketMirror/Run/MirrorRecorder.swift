import Basics
import ObjectStorage
import Synchronization

/// Writes down what was done, in batches: first the history, then the index. So the index never knows of a copy that the
/// history does not.
final class MirrorRecorder: Sendable {
    private struct State {
        var changes: [ObjectKey: IndexChange] = [:]
        /// On their way into the index.
        var leaving: [ObjectKey: IndexChange] = [:]
        var entries: [HistoryEntry] = []
        var isWriting = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let batch = 1000
    private let index: MirrorIndex?
    private let keepers: KeeperInWaiting
    private let state = Mutex(State())

    init(index: MirrorIndex?, keepers: KeeperInWaiting) {
        self.index = index
        self.keepers = keepers
    }

    /// Whether anything is written down at all.
    var isIdle: Bool { index == nil && keepers.isIdle }

    /// - Throws: what writing failed with.
    func note(_ change: IndexChange?, _ entries: [HistoryEntry]) async throws(MirrorError) {
        guard !isIdle else { return }
        let keepsLog = entries.isEmpty ? false : try await keepers.keeper()?.keepsLog ?? false
        let isFull = state.withLock { state in
            if index != nil, let change { state.changes[change.key] = change }
            if keepsLog { state.entries += entries }
            return max(state.changes.count, state.entries.count) >= MirrorRecorder.batch
        }
        if isFull { try await flush() }
    }

    /// As `note`, but only if nothing is known of the key: somebody else may have copied a later state meanwhile.
    func noteIfUnknown(_ change: IndexChange, _ entries: [HistoryEntry]) async throws(MirrorError) {
        if try entry(change.key) == nil { try await note(change, entries) }
    }

    /// What is known of a key, also what is not in the index yet; nil if nothing.
    func entry(_ key: ObjectKey) throws(MirrorError) -> IndexEntry? {
        let pending = state.withLock { $0.changes[key] ?? $0.leaving[key] }
        if let pending { return pending.entry }
        return try index?.entry(key)
    }

    /// Writes everything that was noted before this call. What could not be written is kept for the next: nothing more
    /// should be done meanwhile, since it all is in memory.
    func flush() async throws(MirrorError) {
        await waitForTurn()
        let (changes, entries) = state.withLock { state in
            state.leaving = state.changes
            defer {
                state.changes = [:]
                state.entries = []
            }
            return (state.changes, state.entries)
        }
        let failure = await write(changes, entries)
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if failure != nil { state.changes.merge(changes) { newer, _ in newer } }
            state.leaving = [:]
            if state.waiting.isEmpty {
                state.isWriting = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
        if let failure { throw failure }
    }

    /// As `flush`, although the task may be cancelled: what was done must not be forgotten because somebody stops the mirror.
    func flushAtTheEnd() async throws(MirrorError) {
        let result = await Task.apart { () -> Result<Void, MirrorError> in
            do throws(MirrorError) {
                try await self.flush()
                return .success(())
            } catch {
                return .failure(error)
            }
        }.value
        try result.get()
    }

    /// The keeper keeps entries that it could not write.
    private func write(_ changes: [ObjectKey: IndexChange], _ entries: [HistoryEntry]) async -> MirrorError? {
        do throws(MirrorError) {
            try await keepers.known?.append(entries)
            guard let index else { return nil }
            for change in changes.values { try index.note(change) }
            try index.flush()
            return nil
        } catch {
            return error
        }
    }

    private func waitForTurn() async {
        await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                if state.isWriting {
                    state.waiting.append(continuation)
                    return false
                }
                state.isWriting = true
                return true
            }
            if isMine { continuation.resume() }
        }
    }
}
