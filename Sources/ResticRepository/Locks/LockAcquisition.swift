import Basics
import ResticFormat

/// Getting a lock, as a machine without input and output: the driver does what `handle` says and tells it the result.
///
/// Look for others; write the own lock; wait; look again, and withdraw if somebody else was there. Of two who try at the
/// same moment both may fail, never both succeed, as long as the store lists what was written.
struct LockAcquisition: Sendable {
    enum Event: Sendable {
        case begin
        /// All lock files, the own one too if there is one.
        case seen([SeenLock], now: Timestamp)
        case wrote(ResticID)
        /// The pause is over.
        case paused
        /// Removed as asked, or tried in vain: it is not tried twice.
        case removed
    }

    enum Action: Sendable, Hashable {
        case look
        case write
        case pause(Duration)
        case remove([ResticID])
        /// This lock is held.
        case hold(ResticID)
        case fail(LockRefusal)
    }

    private enum State: Sendable {
        case looking
        case cleaning
        case writing
        case settling(ResticID)
        case confirming(ResticID)
        case withdrawing(LockRefusal)
        case pausing
        case over
    }

    let kind: LockKind
    /// How long to go on while others hold the repository.
    private var patience: Duration
    private var conflictPause = Duration.seconds(5)
    private var unreadablePauses: [Duration] = [.seconds(5), .seconds(10), .seconds(20)]
    private var triedToRemove: Set<ResticID> = []
    private var state = State.looking

    init(kind: LockKind, patience: Duration = .zero) {
        self.kind = kind
        self.patience = patience
    }

    /// - Precondition: the event answers the last action. `begin` comes first and once.
    mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.looking, .begin): return .look
        case (.looking, .seen(let locks, let now)): return looked(at: locks, now)
        case (.cleaning, .removed), (.pausing, .paused):
            state = .looking
            return .look
        case (.writing, .wrote(let id)):
            state = .settling(id)
            return .pause(LockTimes.settling)
        case (.settling(let id), .paused):
            state = .confirming(id)
            return .look
        case (.confirming(let id), .seen(let locks, _)): return confirmed(id, among: locks)
        case (.withdrawing(let refusal), .removed): return retry(after: refusal)
        default: preconditionFailure("event \(event) in state \(state)")
        }
    }

    private mutating func looked(at locks: [SeenLock], _ now: Timestamp) -> Action {
        let dead = locks.filter { $0.isDead(at: now) && !triedToRemove.contains($0.id) }.map(\.id)
        guard dead.isEmpty else {
            triedToRemove.formUnion(dead)
            state = .cleaning
            return .remove(dead)
        }
        if let refusal = refusal(by: locks) { return retry(after: refusal) }
        state = .writing
        return .write
    }

    private mutating func confirmed(_ id: ResticID, among locks: [SeenLock]) -> Action {
        if let refusal = refusal(by: locks.filter { $0.id != id }) {
            state = .withdrawing(refusal)
            return .remove([id])
        }
        state = .over
        return .hold(id)
    }

    private mutating func retry(after refusal: LockRefusal) -> Action {
        var pause: Duration
        switch refusal {
        case .unreadable:
            guard !unreadablePauses.isEmpty else { return give(refusal) }
            pause = unreadablePauses.removeFirst()
        case .held:
            guard patience > .zero else { return give(refusal) }
            pause = min(conflictPause, patience)
            patience -= pause
            conflictPause = min(conflictPause * 2, .seconds(60))
        }
        state = .pausing
        return .pause(pause)
    }

    private mutating func give(_ refusal: LockRefusal) -> Action {
        state = .over
        return .fail(refusal)
    }

    /// Why `locks` do not permit an own lock; a lock that is held weighs more than one that cannot be read.
    private func refusal(by locks: [SeenLock]) -> LockRefusal? {
        var unreadable: LockRefusal?
        for lock in locks {
            switch lock.content {
            case .empty: continue
            case .unreadable(let why): unreadable = unreadable ?? .unreadable(id: lock.id, why: why)
            case .lock(let other, let time, let owner, _) where kind.conflicts(with: other):
                return .held(id: lock.id, kind: other, time: time, owner: owner)
            case .lock: continue
            }
        }
        return unreadable
    }
}

/// Why a lock was not to be had.
enum LockRefusal: Sendable, Hashable {
    case held(id: ResticID, kind: LockKind, time: Timestamp, owner: LockOwner)
    case unreadable(id: ResticID, why: String)

    var error: RepositoryError {
        switch self {
        case .held(let id, let kind, let time, let owner):
            RepositoryError(
                .locked,
                "the repository is locked by \(owner) since \(time) (\(kind.rawValue) lock \(id.shortDescription))")
        case .unreadable(let id, let why):
            RepositoryError(.locked, "the lock \(id.shortDescription) cannot be read: \(why)")
        }
    }
}
