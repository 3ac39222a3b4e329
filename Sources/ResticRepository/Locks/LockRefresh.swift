import Basics

/// Keeping a lock, as a machine without input and output.
///
/// Times are those of the clock on the wall: a machine that was suspended must notice it.
struct LockRefresh: Sendable {
    enum Event: Sendable {
        case tick(now: Timestamp)
        /// The lock was written anew at `now`, and its old file removed.
        case refreshed(now: Timestamp)
        case failed
        /// After `revalidate`: the own lock file was still there, and was replaced at `now`.
        case stillHeld(now: Timestamp)
        /// After `revalidate`: somebody removed it.
        case vanished
    }

    enum Action: Sendable, Hashable {
        case wait
        case refresh
        /// Nothing may be written meanwhile.
        case revalidate
        /// The work must end at once.
        case giveUp
    }

    private var lastSuccess: Timestamp
    private var nextTry: Timestamp

    init(heldSince time: Timestamp) {
        lastSuccess = time
        nextTry = time + LockTimes.refreshInterval
    }

    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .tick(let now):
            if now - lastSuccess > LockTimes.expiry { return .revalidate }
            guard now >= nextTry else { return .wait }
            nextTry = now + LockTimes.refreshInterval
            return .refresh
        case .refreshed(let now), .stillHeld(let now):
            lastSuccess = now
            nextTry = now + LockTimes.refreshInterval
            return .wait
        case .failed: return .wait
        case .vanished: return .giveUp
        }
    }
}
