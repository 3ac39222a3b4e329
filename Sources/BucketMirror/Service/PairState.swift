import Basics
import ObjectStorage
import Synchronization

/// What the tasks of one pair share: claims, schedule, metrics. One lock; every function is short.
final class PairState: Sendable {
    private struct State {
        var claims: ClaimTable
        var schedule: ScanSchedule
        var gate = PauseGate()
        var metrics: MirrorMetrics
        /// By stream: nothing was lost since this instant.
        var streams: [String: StreamSigns] = [:]
        var deletesSinceScan = 0
        var known = 0
        var hasScanned = false
    }

    struct StreamSigns {
        var isUp = false
        var lastSign: Duration = .zero
        var heartbeat: Duration?
        var cancel: (@Sendable () -> Void)?
    }

    let pair: MirrorPair
    let tools: MirrorTools
    private let stopwatch: Stopwatch
    private let state: Mutex<State>
    let watchdog: Watchdog
    /// Something may be due.
    let work = Doorbell()
    let scan = Doorbell()

    init(pair: MirrorPair, tools: MirrorTools) {
        self.pair = pair
        self.tools = tools
        stopwatch = Stopwatch(tools.clock)
        watchdog = Watchdog(patience: pair.watch.watchdog, clock: tools.clock)
        let claims = ClaimTable(
            limit: pair.watch.waitingKeys, settle: pair.watch.settle, settleAtMost: pair.watch.settleAtMost)
        state = Mutex(
            State(claims: claims, schedule: ScanSchedule(pair.watch), metrics: MirrorMetrics(pair: pair.name)))
    }

    var now: Duration { stopwatch.elapsed }
    private var wallNow: Timestamp { tools.wallClock.now() }

    // MARK: Metrics

    func change(_ body: (inout MirrorMetrics) -> Void) { state.withLock { body(&$0.metrics) } }

    func metrics(counts: MirrorCounts?) -> MirrorMetrics {
        let now = now
        return state.withLock { state in
            var metrics = state.metrics
            if let counts { metrics.counts = counts }
            let oldest = state.claims.oldest
            metrics.lag = oldest.map { now - $0.first } ?? .zero
            metrics.lagObjects = state.claims.count
            metrics.lagBytes = state.claims.bytes
            metrics.quarantined = state.claims.quarantined
            metrics.streamsUp = state.streams.mapValues(\.isUp)
            metrics.pausedBecause = state.gate.reason
            if state.gate.isPaused { metrics.state = .paused }
            if let scan = metrics.lastScan { metrics.replicatedThrough = min(scan, oldest?.seen ?? scan) }
            return metrics
        }
    }

    // MARK: Marks and claims

    /// - Returns: false if there is no room; then a gap is open, which a scan closes.
    @discardableResult
    func mark(_ key: ObjectKey, expected: ObjectInfo? = nil, _ reason: Difference.Reason) -> Bool {
        let mark = ClaimTable.Mark(key: key, seen: wallNow, expected: expected, reason: reason)
        let now = now
        let isTaken = state.withLock { $0.claims.mark(mark, now: now) }
        if isTaken { work.ring() } else { gap(.overload) }
        return isTaken
    }

    /// For a scan, which can wait for room.
    func markFromScan(_ mark: ClaimTable.Mark, countsAsMissed: Bool) -> Bool {
        let now = now
        let isTaken = state.withLock { state in
            let isNew = !state.claims.contains(mark.key)
            guard state.claims.mark(mark, now: now) else { return false }
            if isNew, countsAsMissed { state.metrics.missedEvents += 1 }
            return true
        }
        if isTaken { work.ring() }
        return isTaken
    }

    var isIdle: Bool { state.withLock { $0.claims.count == 0 && $0.hasScanned } }

    func claim(running: Int, limit: Int) -> (mark: ClaimTable.Mark, tries: Int)? {
        let now = now
        return state.withLock { state in
            guard running < state.gate.allowed(limit, now: now) else { return nil }
            return state.claims.claim(now: now)
        }
    }

    func claimAll(_ keys: [ObjectKey]) -> [ObjectKey] {
        let (now, seen) = (now, wallNow)
        return state.withLock { $0.claims.claimAll(keys, now: now, seen: seen) }
    }

    func finish(_ key: ObjectKey, _ ending: ClaimTable.Ending) {
        let (now, seen) = (now, wallNow)
        state.withLock { $0.claims.finish(key, ending, now: now, seen: seen) }
        work.ring()
    }

    func tell(_ news: LeaseNews) {
        state.withLock { state in
            switch news {
            case .waiting: state.metrics.state = .standby
            case .held: state.metrics.state = .starting
            }
        }
    }

    func succeeded() {
        if state.withLock({ $0.gate.succeeded() }) { tools.observer.observe(.resumed) }
    }

    func failed(_ error: MirrorError, concernsAll: Bool) {
        let now = now
        let text = ErrorChain.line(error)
        if state.withLock({ $0.gate.failed(text, concernsAll: concernsAll, now: now) }) {
            tools.observer.observe(.paused(error))
        }
    }

    // MARK: Gaps and scans

    func gap(_ gap: MirrorGap) {
        state.withLock { state in
            state.metrics.gaps[gap, default: 0] += 1
            if gap != .missed { state.schedule.want() }
        }
        tools.observer.observe(.gap(gap))
    }

    var isScanDue: Bool {
        let now = now
        return state.withLock { state in
            let up = state.streams.values.filter(\.isUp).count
            return state.schedule.isDue(now: now, hasEvents: up > 0 && up == pair.events.count)
        }
    }

    /// - Returns: whether changes that the scan finds should have been announced by events.
    func scanBegan() -> Bool {
        state.withLock { state in
            let up = state.streams.values.filter(\.isUp).count
            let wasWanted = state.schedule.isWanted
            state.schedule.began()
            if !state.hasScanned { state.metrics.state = .scanning }
            return state.hasScanned && !wasWanted && up > 0 && up == pair.events.count
        }
    }

    /// - Parameter began: nil for a scan that does not prove that everything older is in the backup.
    func scanEnded(began: Timestamp?, took: Duration, seen: Int, changes: Int, failed: Bool) {
        let now = now
        state.withLock { state in
            state.schedule.ended(now: now, took: took, changes: changes, failed: failed)
            guard !failed else { return }
            state.hasScanned = true
            state.known = seen
            state.deletesSinceScan = 0
            state.metrics.scans += 1
            guard let began else { return state.schedule.want() }
            state.metrics.lastScan = began
            state.metrics.state = .following
        }
    }

    /// Whether one more delete, told by an event, is still normal; else the next scan decides about all of them.
    func mayDelete() -> Bool {
        state.withLock { state in
            guard pair.options.deletes == .propagate, let brake = pair.options.brake else { return true }
            state.deletesSinceScan += 1
            guard brake.holds(candidates: state.deletesSinceScan, known: state.known) else { return true }
            state.metrics.deletesHeld += 1
            return false
        }
    }

    // MARK: Streams

    func streamBegan(_ name: String, heartbeat: Duration?, cancel: @escaping @Sendable () -> Void) {
        let now = now
        state.withLock {
            $0.streams[name] = StreamSigns(isUp: true, lastSign: now, heartbeat: heartbeat, cancel: cancel)
        }
    }

    func streamLives(_ name: String) {
        let now = now
        state.withLock { $0.streams[name]?.lastSign = now }
    }

    func streamEnded(_ name: String) { state.withLock { $0.streams[name] = StreamSigns() } }

    /// Ends the streams that gave no sign of life for three heartbeats.
    func endSilentStreams() {
        let now = now
        let silent = state.withLock { state in
            state.streams.filter { _, signs in
                guard signs.isUp, let heartbeat = signs.heartbeat else { return false }
                return now - signs.lastSign > heartbeat * 3
            }
        }
        for (name, signs) in silent {
            streamEnded(name)
            gap(.silent)
            signs.cancel?()
        }
    }
}
