import Basics
import ResticFormat
import Synchronization

extension Repository {
    /// As `withLock`, but `body` runs during the 200 ms for which whoever takes a lock waits for others' locks to appear.
    ///
    /// Nothing is changed in the repository before the lock is certain: saving and removing wait, and throw `.locked` if it
    /// is refused. Nor does `body` see a repository that somebody else is changing. Whoever removes anything wrote an
    /// exclusive lock and then waited 200 ms before looking again. We saw no such lock; so if ours was written within less
    /// than 200 ms after we began to look, it is there when they look again, and they withdraw. If writing took longer,
    /// `body` waits for the end of the pause as usual, and so it does where pauses are not those of the real clock.
    func withEarlyLock<Result: Sendable>(
        _ kind: LockKind, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        let door = Door()
        let place = Mutex<HeldLock?>(nil)
        defer {
            files.gate.reopenAfterWork()
            files.changes.open()
        }
        do {
            let result = try await run(body, behind: door) { [self] in
                let held = try await acquireEarly(kind, door)
                place.withLock { $0 = held }
                return held
            }
            if let held = place.withLock({ $0 }) { try await release(held) }
            return result
        } catch {
            // The first error matters; a lock that stays behind is seen as dead later.
            if let held = place.withLock({ $0 }) { try? await release(held) }
            throw error
        }
    }

    private func run<Result: Sendable>(
        _ body: @Sendable @escaping () async throws -> Result, behind door: Door,
        acquire: @Sendable @escaping () async throws -> HeldLock
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: EarlyResult<Result>.self) { group in
            group.addTask {
                try await door.pass()
                return .done(try await body())
            }
            group.addTask { .held(try await acquire()) }
            defer { group.cancelAll() }
            var result: Result?
            var isHeld = false
            while let next = try await group.next() {
                switch next {
                case .done(let done): result = done
                case .held(let held):
                    isHeld = true
                    group.addTask { [self] in
                        try await keep(held)
                        return .kept
                    }
                case .kept: break
                }
                // What was read counts only once the lock is certain.
                if isHeld, let result { return result }
            }
            throw RepositoryError(.cancelled, "the work under a lock was cancelled")
        }
    }

    private func acquireEarly(_ kind: LockKind, _ door: Door) async throws(RepositoryError) -> HeldLock {
        let isReal = environment.pauses is ContinuousClock
        do throws(RepositoryError) {
            let (id, since) = try await acquireLock(kind, patience: .zero) { [files] elapsed in
                guard isReal, elapsed < LockTimes.safeHeadStart else { return }
                files.changes.close()
                door.open()
            }
            files.changes.open()
            door.open()
            return HeldLock(kind: kind, id: id, since: since)
        } catch {
            files.changes.fail(error)
            throw error
        }
    }
}

private enum EarlyResult<Result: Sendable>: Sendable {
    case done(Result)
    case held(HeldLock)
    case kept
}

/// Keeps one task waiting until somebody opens it, or the task is cancelled.
private final class Door: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: CheckedContinuation<Void, Never>?)>((false, nil))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, nil) }
            return state.waiting
        }
        waiting?.resume()
    }

    /// - Throws: `CancellationError`.
    func pass() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting = continuation }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            open()
        }
        try Task.checkCancellation()
    }
}
