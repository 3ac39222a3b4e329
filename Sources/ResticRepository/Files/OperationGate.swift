import Synchronization

/// Stops everything but lock files while an own lock is in doubt: nothing may be written under a lock that is gone.
final class OperationGate: Sendable {
    private enum State {
        case open, closed
        case lost(RepositoryError)

        var isClosed: Bool { if case .closed = self { true } else { false } }
    }

    /// Whether `pass` has to look closer.
    private let isOpen = Atomic(true)
    private let state = Mutex<(state: State, waiting: [CheckedContinuation<Void, Never>])>((.open, []))

    func close() {
        isOpen.store(false, ordering: .sequentiallyConsistent)
        state.withLock { $0.state = .closed }
    }

    func open() {
        change(to: .open)
        isOpen.store(true, ordering: .sequentiallyConsistent)
    }

    /// The work under the lock is over: whoever comes next is not kept waiting. A lost lock stays lost.
    func reopenAfterWork() {
        if state.withLock({ $0.state.isClosed }) { open() }
    }

    /// The lock is gone for good: everything from now on throws `error`.
    func fail(_ error: RepositoryError) {
        isOpen.store(false, ordering: .sequentiallyConsistent)
        change(to: .lost(error))
    }

    private func change(to new: State) {
        let continuations = state.withLock { state in
            defer { state = (new, []) }
            return state.waiting
        }
        for continuation in continuations { continuation.resume() }
    }

    /// Returns once the gate is open; at once in all usual cases.
    func pass() async throws(RepositoryError) {
        while !isOpen.load(ordering: .relaxed) {  // Every turn is woken by a change of the state.
            let (isClosed, error) = state.withLock { state -> (Bool, RepositoryError?) in
                guard case .lost(let error) = state.state else { return (state.state.isClosed, nil) }
                return (false, error)
            }
            if let error { throw error }
            guard isClosed else { return }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    guard state.state.isClosed else { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }
}
