/// When to scan. Pure; time is handed in.
package struct ScanSchedule: Sendable, Hashable {
    private let options: WatchOptions
    /// Without events the pause adapts: short while things change, longer while they do not.
    private var pollPause: Duration
    private var lastEnd: Duration?
    private var failures = 0
    private(set) var isWanted = true

    package init(_ options: WatchOptions) {
        self.options = options
        pollPause = options.pollInterval.lowerBound
    }

    /// Something may have been missed.
    package mutating func want() { isWanted = true }

    /// - Parameter hasEvents: all streams are up.
    package func isDue(now: Duration, hasEvents: Bool) -> Bool {
        guard let lastEnd else { return true }
        if failures > 0 { return now >= lastEnd + pause(afterFailures: failures) }
        // A gap that opens again and again must not make scan follow scan without a pause.
        if isWanted { return now >= lastEnd + options.pollInterval.lowerBound }
        return now >= lastEnd + (hasEvents ? options.scanInterval : pollPause)
    }

    package mutating func began() { isWanted = false }

    package mutating func ended(now: Duration, took: Duration, changes: Int, failed: Bool) {
        lastEnd = now
        guard !failed else {
            failures += 1
            isWanted = true
            return
        }
        failures = 0
        let (least, most) = (options.pollInterval.lowerBound, options.pollInterval.upperBound)
        pollPause = changes > 0 ? least : min(most, pollPause * 2)
        // Listing must not be all that the source does.
        pollPause = min(most, max(pollPause, took))
    }

    /// 1, 2, 4 ... 60 seconds.
    private func pause(afterFailures count: Int) -> Duration { .seconds(min(60, 1 << min(count - 1, 6))) }
}

/// Whether a pair works, rests because a side fails for everything, or tries carefully again. Pure.
package struct PauseGate: Sendable, Hashable {
    private var streak = 0
    private var pauses = 0
    private var until: Duration = .zero
    package private(set) var reason: String?

    package init() {}

    package var isPaused: Bool { reason != nil }

    /// How many objects may be under way: none while it rests, one to try, `limit` otherwise.
    package func allowed(_ limit: Int, now: Duration) -> Int {
        guard isPaused else { return limit }
        return now >= until ? 1 : 0
    }

    /// - Returns: whether this ended a pause.
    package mutating func succeeded() -> Bool {
        streak = 0
        pauses = 0
        defer { reason = nil }
        return reason != nil
    }

    /// - Parameter concernsAll: the next object will fare no better.
    /// - Returns: whether this began a pause.
    package mutating func failed(_ text: String, concernsAll: Bool, now: Duration) -> Bool {
        streak += 1
        guard isPaused || streak >= (concernsAll ? 3 : 10) else { return false }
        pauses += 1
        until = now + .seconds(min(30, 1 << min(pauses - 1, 5)))
        defer { reason = text }
        return reason == nil
    }
}
