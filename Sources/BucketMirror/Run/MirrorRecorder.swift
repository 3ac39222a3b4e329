import Basics
import ObjectStorage
import Synchronization

/// Writes down what was done, in batches: first the history, then the index. So the index never knows of a copy that the
/// history does not.
final class MirrorRecorder: Sendable {
    private struct State {
        var changes: [IndexChange] = []
        var entries: [HistoryEntry] = []
        var isWriting = false
        var failure: MirrorError?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let batch = 1000
    private let index: MirrorIndex?
    private let keeper: HistoryKeeper?
    private let state = Mutex(State())

    init(index: MirrorIndex?, keeper: HistoryKeeper?) {
        self.index = index
        self.keeper = keeper
    }

    /// Whether anything is written down at all.
    var isIdle: Bool { index == nil && keeper == nil }

    /// - Throws: what writing failed with before.
    func note(_ change: IndexChange, _ entries: [HistoryEntry]) async throws(MirrorError) {
        guard !isIdle else { return }
        let (isFull, failure) = state.withLock { state -> (Bool, MirrorError?) in
            if index != nil { state.changes.append(change) }
            if keeper?.keepsLog == true { state.entries += entries }
            return (max(state.changes.count, state.entries.count) >= MirrorRecorder.batch, state.failure)
        }
        if let failure { throw failure }
        if isFull { try await flush() }
    }

    /// Writes everything that was noted before this call.
    func flush() async throws(MirrorError) {
        await waitForTurn()
        let (changes, entries, failure) = state.withLock { state in
            defer {
                state.changes = []
                state.entries = []
            }
            return (state.changes, state.entries, state.failure)
        }
        var result = failure
        if result == nil {
            do throws(MirrorError) {
                try await keeper?.append(entries)
                if let index {
                    for change in changes { try index.note(change) }
                    try index.flush()
                }
            } catch {
                result = error
            }
        }
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.failure = result
            if state.waiting.isEmpty {
                state.isWriting = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
        if let result { throw result }
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
