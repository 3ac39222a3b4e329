import Basics
import Synchronization

/// Bytes that may be in memory at once. Whoever wants more than there is waits, first come, first served, so that large
/// wishes are not starved by small ones.
final class ByteBudget: Sendable {
    /// Gives its bytes back when its last reference goes.
    final class Reservation: Sendable {
        private let budget: ByteBudget
        private let bytes: Int64

        fileprivate init(_ budget: ByteBudget, _ bytes: Int64) {
            self.budget = budget
            self.bytes = bytes
        }

        deinit { budget.giveBack(bytes) }
    }

    private struct State {
        var free: Int64
        var waiting: [(bytes: Int64, continuation: CheckedContinuation<Void, Never>)] = []

        /// Who can go on now.
        mutating func admit() -> [CheckedContinuation<Void, Never>] {
            var admitted: [CheckedContinuation<Void, Never>] = []
            while let first = waiting.first, first.bytes <= free {
                free -= first.bytes
                admitted.append(waiting.removeFirst().continuation)
            }
            return admitted
        }
    }

    private let total: Int64
    private let state: Mutex<State>

    init(_ total: ByteCount) {
        self.total = max(1, total.bytes)
        state = Mutex(State(free: self.total))
    }

    /// Waits until `bytes` are free. A wish above half of everything counts as half: it must be granted some time, and two
    /// of them together.
    ///
    /// Not ended by cancellation: whoever holds bytes is, and gives them back.
    func reserve(_ bytes: Int64) async -> Reservation {
        let bytes = min(max(bytes, 1), max(1, total / 2))
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.waiting.isEmpty, state.free >= bytes {
                    state.free -= bytes
                    return true
                }
                state.waiting.append((bytes, continuation))
                return false
            }
            if mayGoOn { continuation.resume() }
        }
        return Reservation(self, bytes)
    }

    private func giveBack(_ bytes: Int64) {
        let admitted = state.withLock { state in
            state.free += bytes
            return state.admit()
        }
        for continuation in admitted { continuation.resume() }
    }
}
