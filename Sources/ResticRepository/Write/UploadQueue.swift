import Synchronization

/// Hands complete packs from the tasks that fill them to those that store them.
///
/// `push` never waits: whoever fills packs asks `waitForRoom` before the next blob, so that no task waits with a pack half
/// filled. So at most `limit` packs wait, and one more for each task that was already at work.
final class UploadQueue: Sendable {
    private struct State {
        var waiting: [OpenPack] = []
        /// Taken out and not stored yet.
        var inFlight = 0
        var isFinished = false
        var failure: RepositoryError?
        var receivers: [CheckedContinuation<Void, Never>] = []
        var senders: [CheckedContinuation<Void, Never>] = []
        var flushers: [CheckedContinuation<Void, Never>] = []

        var isIdle: Bool { waiting.isEmpty && inFlight == 0 }

        mutating func takeAll() -> [CheckedContinuation<Void, Never>] {
            defer { (receivers, senders, flushers) = ([], [], []) }
            return receivers + senders + flushers
        }
    }

    private let limit: Int
    private let state = Mutex(State())
    /// Whether `waitForRoom` has to look closer.
    private let isCrowded = Atomic(false)

    init(limit: Int) { self.limit = limit }

    func push(_ pack: OpenPack) {
        let receiver = state.withLock { state in
            state.waiting.append(pack)
            if state.waiting.count >= limit { isCrowded.store(true, ordering: .relaxed) }
            return state.receivers.popLast()
        }
        receiver?.resume()
    }

    /// - Throws: why packs cannot be stored any more.
    func waitForRoom() async throws(RepositoryError) {
        while isCrowded.load(ordering: .relaxed) {  // Every turn is woken by a pack taken out, or ends with a failure.
            try throwFailure()
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if !isCrowded.load(ordering: .relaxed) || state.failure != nil { return true }
                    state.senders.append(continuation)
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// The next pack to store; nil once nothing more will come. `done` has to follow.
    func next() async -> OpenPack? {
        while true {  // Every turn is woken by a pack, or by the end.
            let (pack, isOver, senders) = state.withLock {
                state -> (OpenPack?, Bool, [CheckedContinuation<Void, Never>]) in
                if state.failure != nil { return (nil, true, []) }
                guard !state.waiting.isEmpty else { return (nil, state.isFinished, []) }
                state.inFlight += 1
                let pack = state.waiting.removeFirst()
                guard state.waiting.count < limit else { return (pack, true, []) }
                isCrowded.store(false, ordering: .relaxed)
                defer { state.senders = [] }
                return (pack, true, state.senders)
            }
            for sender in senders { sender.resume() }
            if isOver { return pack }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if !state.waiting.isEmpty || state.isFinished || state.failure != nil { return true }
                    state.receivers.append(continuation)
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// The pack taken last is stored.
    func done() {
        let flushers = state.withLock { state in
            state.inFlight -= 1
            guard state.isIdle else { return [CheckedContinuation<Void, Never>]() }
            defer { state.flushers = [] }
            return state.flushers
        }
        for flusher in flushers { flusher.resume() }
    }

    /// Waits until everything that was pushed is stored.
    func waitUntilIdle() async throws(RepositoryError) {
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.isIdle || state.failure != nil { return true }
                state.flushers.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
        try throwFailure()
    }

    /// Nothing more will be pushed.
    func finish() {
        let all = state.withLock { state in
            state.isFinished = true
            return state.takeAll()
        }
        for continuation in all { continuation.resume() }
    }

    /// Gives up: what waits is dropped, everybody who waits throws `error`. The first error stays.
    func fail(_ error: RepositoryError) {
        let all = state.withLock { state in
            state.failure = state.failure ?? error
            state.waiting = []
            isCrowded.store(true, ordering: .relaxed)
            return state.takeAll()
        }
        for continuation in all { continuation.resume() }
    }

    func throwFailure() throws(RepositoryError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
