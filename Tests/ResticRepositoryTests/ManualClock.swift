import Basics
import MartletTestSupport
import Synchronization

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
    private struct State {
        var time: Timestamp
        /// Counts the moves.
        var version = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
    }

    private let state: Mutex<State>

    init(_ time: Timestamp = Timestamp("2026-11-01T12:00:00Z")!) { state = Mutex(State(time: time)) }

    var wall: WallClock { WallClock { self.state.withLock { $0.time } } }
    var version: Int { state.withLock { $0.version } }

    func advance(_ span: Duration) {
        let waiting = state.withLock { state in
            state.time = state.time + span
            state.version += 1
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for a move after the one that `version` counts.
    func change(after version: Int) async throws {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.version != version || Task.isCancelled { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
        try Task.checkCancellation()
    }
}

/// Pauses that take no time, but for those of one second, with which a lock is watched: they end when the clock is moved.
final class ManualPauses: Clock {
    private let clock: ManualClock
    private let skipping = SkippingClock()
    private let seen: Mutex<Int>

    init(_ clock: ManualClock) {
        self.clock = clock
        seen = Mutex(clock.version)
    }

    var now: SkippingClock.Instant { skipping.now }
    var minimumResolution: Duration { skipping.minimumResolution }

    func sleep(until deadline: SkippingClock.Instant, tolerance: Duration?) async throws {
        guard now.duration(to: deadline) == .seconds(1) else {
            return try await skipping.sleep(until: deadline, tolerance: tolerance)
        }
        try await clock.change(after: seen.withLock { $0 })
        seen.withLock { $0 = clock.version }
    }
}
