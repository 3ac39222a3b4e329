package import Basics
internal import Synchronization

/// Works on the keys of a `WorkQueue`, a bounded number at a time, each in one task at once, until its task is cancelled.
///
/// Keys may be added at any time, from anywhere. Memory: the queue, and a task for each worker and for the next moment at which
/// something is due.
package final class WorkLoop<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var queue: WorkQueue<Key>
        var random = SystemRandomNumberGenerator()
        var running = 0
        /// The earliest moment at which a task will ring the bell.
        var armed: Duration?
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Duration
    private let clock: any Clock<Duration>
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    package init(
        clock: any Clock<Duration>, backoff: Backoff = Backoff(first: .milliseconds(500), ceiling: .seconds(300))
    ) {
        self.clock = clock
        now = WorkLoop.stopwatch(clock)
        state = Mutex(State(queue: WorkQueue(backoff: backoff)))
        (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Says how long it is since this call: `any Clock` cannot compare its own instants.
    private static func stopwatch(_ clock: any Clock<Duration>) -> @Sendable () -> Duration {
        func start(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
            let start = clock.now
            return { start.duration(to: clock.now) }
        }
        return start(clock)
    }

    /// Keys that are due and not yet worked on.
    package var depth: Int { state.withLock { $0.queue.depth } }
    package var running: Int { state.withLock { $0.running } }

    package func add(_ keys: some Sequence<Key>) {
        state.withLock { state in
            for key in keys { state.queue.add(key) }
        }
        bell.yield()
    }

    /// Gives keys to `work`, at most `workers` at a time, until the task is cancelled; then the workers' tasks are cancelled too,
    /// and it returns when the last has ended. To be called once.
    package func run(
        workers: Int, _ work: @escaping @Sendable (Key) async -> WorkQueue<Key>.Outcome
    ) async {
        precondition(workers > 0, "without a worker nothing would ever be done")
        bell.yield()
        await withDiscardingTaskGroup { group in
            for await _ in bells {
                while let step = next(workers) {
                    switch step {
                    case .work(let key):
                        group.addTask {
                            let outcome = await work(key)
                            self.finish(key, outcome)
                        }
                    case .wait(let moment):
                        group.addTask { await self.ring(at: moment) }
                    case .idle: break
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// What to do now; nil if there is nothing but to wait for the bell.
    private func next(_ workers: Int) -> WorkQueue<Key>.Step? {
        let now = now()
        return state.withLock { state in
            guard state.running < workers else { return nil }
            switch state.queue.next(now: now) {
            case .work(let key):
                state.running += 1
                return .work(key)
            case .wait(let moment):
                if let armed = state.armed, armed <= moment { return nil }
                state.armed = moment
                return .wait(until: moment)
            case .idle: return nil
            }
        }
    }

    private func finish(_ key: Key, _ outcome: WorkQueue<Key>.Outcome) {
        let now = now()
        state.withLock { state in
            state.running -= 1
            state.queue.finished(key, outcome, now: now, using: &state.random)
        }
        bell.yield()
    }

    private func ring(at moment: Duration) async {
        // Cancelled with the loop: then nobody listens any more.
        try? await clock.sleep(for: max(moment - now(), .zero))
        state.withLock { if $0.armed == moment { $0.armed = nil } }
        bell.yield()
    }
}
