import Synchronization

/// Stops everything but lock files while an own lock is in doubt: nothing may be written under a lock that is gone.
final class OperationGate: Sendable {
    private let isClosed = Atomic(false)
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    func close() { isClosed.store(true, ordering: .sequentiallyConsistent) }

    func open() {
        let continuations = waiting.withLock { waiting in
            isClosed.store(false, ordering: .sequentiallyConsistent)
            defer { waiting = [] }
            return waiting
        }
        for continuation in continuations { continuation.resume() }
    }

    /// Returns once the gate is open; at once in all usual cases.
    func pass() async {
        guard isClosed.load(ordering: .relaxed) else { return }
        await withCheckedContinuation { continuation in
            let isOpen = waiting.withLock { waiting in
                guard isClosed.load(ordering: .sequentiallyConsistent) else { return true }
                waiting.append(continuation)
                return false
            }
            if isOpen { continuation.resume() }
        }
    }
}
