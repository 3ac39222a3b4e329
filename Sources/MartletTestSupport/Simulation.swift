package import Basics
import Glibc
import Synchronization

/// A time that passes only when everything waits for it, and the executor that knows when that is.
///
/// Tasks run one at a time, on a thread of the simulation's own, in an order drawn from `seed`; when none can go on, the clock
/// jumps to the instant that the first of them sleeps for. So nothing depends on how fast the machine is or what else runs
/// on it, an hour of outages takes as long as its work does, and a seed that fails, fails again.
/// (Sets and dictionaries have another order in each process; `SWIFT_DETERMINISTIC_HASHING=1` takes that away, too.)
///
/// What really takes time, such as a request to a server, stands in `outside`: the clock stands still meanwhile.
package final class Simulation: TaskExecutor, Clock, Sendable {
    package struct Instant: InstantProtocol {
        package var sinceStart: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        package func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        package static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private struct Sleeper {
        let deadline: Duration
        let number: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private enum Step {
        case run(UnownedJob)
        case resume(Sleeper)
    }

    private struct State {
        var now: Duration = .zero
        var ready: [UnownedJob] = []
        /// The earliest last; those of one instant in the order in which they lay down.
        var sleepers: [Sleeper] = []
        var sleeps = 0
        var outside = 0
        var isRunning = false
        var random: SeededGenerator

        var canGoOn: Bool { !ready.isEmpty || (outside == 0 && !sleepers.isEmpty) }

        mutating func lieDown(_ sleeper: Sleeper) {
            var (low, high) = (0, sleepers.count)
            while low < high {
                let middle = (low + high) / 2
                if sleepers[middle].deadline > sleeper.deadline { low = middle + 1 } else { high = middle }
            }
            sleepers.insert(sleeper, at: low)
        }

        /// - Returns: nil if there is nothing to do; then the thread ends.
        mutating func next(_ step: Duration) -> Step? {
            if let first = sleepers.last, first.deadline <= now { return .resume(sleepers.removeLast()) }
            if !ready.isEmpty {
                now += step
                ready.swapAt(Int(random.next() % UInt64(ready.count)), ready.count - 1)
                return .run(ready.removeLast())
            }
            guard outside == 0, let first = sleepers.popLast() else {
                isRunning = false
                return nil
            }
            now = max(now, first.deadline)
            return .resume(first)
        }
    }

    /// What each step of a task takes: nothing goes on for ever at one instant.
    private static let step = Duration.microseconds(10)
    private let state: Mutex<State>
    /// What the wall clock shows at the start.
    private let epoch: Timestamp

    package init(seed: UInt64 = 1, epoch: Timestamp = Timestamp(seconds: 1_772_323_200)) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        self.epoch = epoch
    }

    /// Runs `body`, its children and what it starts with `Task.apart` in this time.
    package func run<Result: Sendable>(_ body: sending () async throws -> Result) async throws -> Result {
        try await TaskSurroundings.$executor.withValue(self) {
            try await withTaskExecutorPreference(self) { try await body() }
        }
    }

    /// Runs `body` while the clock stands still: it waits for what is not of this simulation.
    package func outside<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        state.withLock { $0.outside += 1 }
        defer {
            state.withLock { $0.outside -= 1 }
            wake()
        }
        return try await body()
    }

    // MARK: Clock

    package var now: Instant { Instant(sinceStart: state.withLock { $0.now }) }
    package var minimumResolution: Duration { .nanoseconds(1) }
    /// The same time as a wall clock.
    package var wallClock: WallClock { WallClock { self.epoch + self.now.sinceStart } }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.sleeps += 1
            return state.sleeps
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.lieDown(Sleeper(deadline: deadline.sinceStart, number: number, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { wake() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits until `condition` holds.
    /// - Returns: whether it did within `limit`, by this clock.
    package func waits(
        upTo limit: Duration = .seconds(6000), until condition: () async throws -> Bool
    ) async throws -> Bool {
        let end = now.advanced(by: limit)
        while now < end {
            if try await condition() { return true }
            try await sleep(until: now.advanced(by: .milliseconds(500)), tolerance: nil)
        }
        return try await condition()
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
        wake()
    }

    /// Starts the thread unless it runs. It ends when there is nothing to do, so an idle simulation has none.
    private func wake() {
        let mustStart = state.withLock { state in
            guard !state.isRunning, state.canGoOn else { return false }
            state.isRunning = true
            return true
        }
        guard mustStart else { return }
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Simulation>.fromOpaque(pointer).takeRetainedValue().drain() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(failure == 0, "no thread for a simulation: error \(failure)")
        pthread_detach(thread)
    }

    private func drain() {
        while let step = state.withLock({ $0.next(Simulation.step) }) {
            switch step {
            case .run(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .resume(let sleeper): sleeper.continuation.resume()
            }
        }
    }
}
