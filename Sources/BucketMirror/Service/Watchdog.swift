import Basics
import ObjectStorage
import Synchronization

/// Grows while something goes on.
final class Progress: Sendable {
    /// Of the work that the present task is part of, if a watchdog looks after it.
    @TaskLocal static var ofTask: Progress?

    private let steps = Atomic(0)

    var count: Int { steps.load(ordering: .relaxed) }

    func step() { steps.add(1, ordering: .relaxed) }
}

/// Looks after work that could hang, although every request has its own time limits: what shows no progress for too long
/// is cancelled, and whoever waits for it begins again. Memory: a few words for each piece of work under way.
final class Watchdog: Sendable {
    private struct Entry {
        let progress: Progress
        let cancel: @Sendable () -> Void
        var count: Int
        var since: Duration
    }

    private struct State {
        var last = 0
        var entries: [Int: Entry] = [:]
    }

    private let patience: Duration
    private let stopwatch: Stopwatch
    private let state = Mutex(State())

    init(patience: Duration, clock: any Clock<Duration>) {
        self.patience = patience
        stopwatch = Stopwatch(clock)
    }

    /// Runs `body` in a task of its own, which is cancelled with the present one, and when its `Progress.ofTask` stands
    /// still.
    func guarding<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
        let progress = Progress()
        let task = Progress.$ofTask.withValue(progress) { Task.apart { await body() } }
        let now = stopwatch.elapsed
        let number = state.withLock { state in
            state.last += 1
            state.entries[state.last] = Entry(
                progress: progress, cancel: { task.cancel() }, count: progress.count, since: now)
            return state.last
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        state.withLock { $0.entries[number] = nil }
        return result
    }

    /// Cancels what stands still. To be called more often than the patience is long.
    ///
    /// - Returns: how many.
    func look() -> Int {
        let now = stopwatch.elapsed
        let idle = state.withLock { state in
            var idle: [Entry] = []
            for (number, entry) in state.entries {
                let count = entry.progress.count
                if count != entry.count {
                    state.entries[number]?.count = count
                    state.entries[number]?.since = now
                } else if now - entry.since >= patience {
                    // If it does not heed, it is told again as long after.
                    state.entries[number]?.since = now
                    idle.append(entry)
                }
            }
            return idle
        }
        for entry in idle { entry.cancel() }
        return idle.count
    }
}
