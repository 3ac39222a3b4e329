import Basics
import ResticFormat
import Synchronization

extension Repository {
    /// Runs `body` while this process holds a lock, which is refreshed meanwhile and removed afterwards.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for others who are in the way.
    ///   - startsEarly: `body` may begin as soon as the lock is written, while the protocol's pause for others' locks goes
    ///     on. What it changes in the repository waits until the lock is certain; what it does elsewhere does not. See
    ///     `withEarlyLock`. Has no effect together with patience. For one task at a time on this object: others would wait
    ///     for its lock too.
    /// - Throws: what `body` throws; `.locked`; `.lockLost` if somebody removed the lock, or it could not be refreshed in
    ///   time and is gone: `body` is cancelled then, and nothing that it still wants to write is written.
    @discardableResult
    package func withLock<Result: Sendable>(
        _ kind: LockKind, patience: Duration = .zero, startsEarly: Bool = false,
        _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        if startsEarly, patience == .zero { return try await withEarlyLock(kind, body) }
        let (id, since) = try await acquireLock(kind, patience: patience)
        let held = HeldLock(kind: kind, id: id, since: since)
        defer { files.gate.reopenAfterWork() }
        do {
            let result = try await run(body, holding: held)
            try await release(held)
            return result
        } catch {
            // The first error matters; a lock that stays behind is seen as dead later.
            try? await release(held)
            throw error
        }
    }

    private func run<Result: Sendable>(
        _ body: @Sendable @escaping () async throws -> Result, holding held: HeldLock
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: LockedResult<Result>.self) { group in
            group.addTask { .done(try await body()) }
            group.addTask { [self] in
                try await keep(held)
                return .kept
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if case .done(let result) = next { return result }
            }
            throw RepositoryError(.cancelled, "the work under a lock was cancelled")
        }
    }

    /// - Parameter written: called when the own lock is written, with how long ago it was that nobody else's was seen.
    func acquireLock(
        _ kind: LockKind, patience: Duration, written whenWritten: (Duration) -> Void = { _ in }
    ) async throws(RepositoryError) -> (id: ResticID, since: Timestamp) {
        var machine = LockAcquisition(kind: kind, patience: patience)
        var written: ResticID?
        var since = environment.clock.now()
        var looked = ContinuousClock.now
        do throws(RepositoryError) {
            var action = machine.handle(.begin)
            while true {  // The machine ends it: pauses are bounded by patience, tries by their number.
                let event: LockAcquisition.Event
                switch action {
                case .hold(let id): return (id, since)
                case .fail(let refusal): throw refusal.error
                case .look:
                    looked = ContinuousClock.now
                    event = .seen(try await seenLocks(), now: environment.clock.now())
                case .pause(let pause):
                    try await sleep(pause)
                    event = .paused
                case .write:
                    since = environment.clock.now()
                    let id = try await writeLock(kind)
                    written = id
                    whenWritten(ContinuousClock.now - looked)
                    event = .wrote(id)
                case .remove(let ids):
                    // What cannot be removed is met again by the next look.
                    _ = try await files.remove(.lock, ids)
                    event = .removed
                }
                action = machine.handle(event)
            }
        } catch {
            if let written { _ = try? await removeUncancelled(written) }  // Its absence is no failure.
            throw error
        }
    }

    private func sleep(_ pause: Duration) async throws(RepositoryError) {
        do {
            try await environment.pauses.sleep(for: pause)
        } catch {
            throw RepositoryError(.cancelled, "waiting for a lock was cancelled", cause: error)
        }
    }

    /// Refreshes the lock until the task is cancelled.
    func keep(_ held: HeldLock) async throws {
        var machine = LockRefresh(heldSince: held.since)
        while !Task.isCancelled {
            // The end of the work ends the pause.
            do { try await environment.pauses.sleep(for: LockTimes.watchInterval) } catch { return }
            var action = machine.handle(.tick(now: environment.clock.now()))
            while action != .wait { action = machine.handle(try await perform(action, held)) }
        }
    }

    private func perform(_ action: LockRefresh.Action, _ held: HeldLock) async throws -> LockRefresh.Event {
        switch action {
        case .wait, .refresh:
            let now = environment.clock.now()
            guard let id = try? await writeLock(held.kind) else { return .failed }  // Tried again at the next tick.
            _ = try? await files.remove(.lock, [held.replace(with: id)])  // An old lock of ours is dead soon.
            return .refreshed(now: now)
        case .revalidate: return try await revalidate(held)
        case .giveUp:
            let error = RepositoryError(.lockLost, "the lock of this process is gone: somebody removed it")
            files.gate.fail(error)
            throw error
        }
    }

    /// With everything else stopped: looks whether the own lock is still there, and renews it.
    private func revalidate(_ held: HeldLock) async throws -> LockRefresh.Event {
        files.gate.close()
        // Without an answer: tried again at the next tick.
        guard let isThere = try? await exists(held.id) else { return .failed }
        guard isThere else { return .vanished }
        let now = environment.clock.now()
        guard let id = try? await writeLock(held.kind) else { return .failed }
        try await environment.pauses.sleep(for: LockTimes.settling)
        guard let isStillThere = try? await exists(held.id) else { return .failed }
        let old = held.replace(with: id)
        guard isStillThere else { return .vanished }
        _ = try? await files.remove(.lock, [old])  // An old lock of ours is dead soon.
        files.gate.open()
        return .stillHeld(now: now)
    }

    private func exists(_ id: ResticID) async throws(RepositoryError) -> Bool {
        try await files.list(.lock).contains { $0.id == id }
    }

    func release(_ held: HeldLock) async throws { try await removeUncancelled(held.id) }

    /// Removes a lock even if the present task is cancelled: in a task of its own, which ends with the request.
    private func removeUncancelled(_ id: ResticID) async throws {
        let files = files
        let failures = try await Task { try await files.remove(.lock, [id]) }.value
        if let error = failures[id] { throw RepositoryError(error, "removing the lock \(id)") }
    }
}

private enum LockedResult<Result: Sendable>: Sendable {
    case done(Result)
    case kept
}

/// The lock that this process holds; its file changes with every refresh.
final class HeldLock: Sendable {
    let kind: LockKind
    /// When it was written first.
    let since: Timestamp
    private let current: Mutex<ResticID>

    init(kind: LockKind, id: ResticID, since: Timestamp) {
        self.kind = kind
        self.since = since
        current = Mutex(id)
    }

    var id: ResticID { current.withLock { $0 } }

    /// - Returns: the former file.
    func replace(with id: ResticID) -> ResticID {
        current.withLock { current in
            defer { current = id }
            return current
        }
    }
}
