import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// The right to write into one target and its history, kept as an object beside the history: one mirror works, others wait.
///
/// On stores that obey conditional writes two can never both get it. On others whoever wrote last has it, after a pause in
/// which the other one would have shown: two that write within a moment of each other, or one whose write hung for minutes,
/// may then both believe to have it; the log is what tells afterwards. A holder that cannot reach the target keeps the
/// lease until somebody else took it: nobody else could write there either.
///
/// Versions that renewals leave are removed, where the store lets us.
final class TargetLease: Sendable {
    private struct State {
        var look: LeaseLook?
        var version: String?
        var renewals = 0
        var isGuarded = true
        var isLost = false
    }

    static let key: ObjectKey = {
        guard let key = ObjectKey(MirrorLayout.lease) else { preconditionFailure("\(MirrorLayout.lease) is no key") }
        return key
    }()

    private let terms: LeaseTerms
    private let target: any ObjectStore
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    init(_ terms: LeaseTerms, target: any ObjectStore, clock: any Clock<Duration>) {
        self.terms = terms
        self.target = target
        self.clock = clock
    }

    /// Whether somebody else has taken it.
    var isLost: Bool { state.withLock { $0.isLost } }

    // MARK: Getting it

    /// Returns once it is ours.
    ///
    /// - Throws: `.locked` if its holder lives and `isPatient` is not said; `.cancelled`; what the target failed with.
    func acquire(isPatient: Bool, tell: @Sendable (LeaseNews) -> Void) async throws(MirrorError) {
        let stopwatch = Stopwatch(clock)
        var watch = LeaseWatch(terms, isPatient: isPatient)
        var told: String?
        while true {  // Ends with the lease, a holder that lives, or the task.
            let look = try await look()
            switch watch.step(look, now: stopwatch.elapsed) {
            case .create: if try await claim(.ifAbsent) { return finish(tell) }
            case .take(let look): if try await claim(look.tag.map { .ifMatch($0) } ?? .none) { return finish(tell) }
            case .adopt(let look): if try await adopt(look) { return finish(tell) }
            case .refuse(let holder):
                throw MirrorError(.locked, "\(holder) mirrors to \(target.location)", side: .target)
            case .wait(let holder):
                if told != holder { tell(.waiting(holder: holder)) }
                told = holder
                try await pause(terms.duration / 6)
            }
        }
    }

    private func finish(_ tell: @Sendable (LeaseNews) -> Void) {
        tell(.held(isGuarded: state.withLock { $0.isGuarded }))
    }

    /// - Returns: false if somebody was quicker.
    private func claim(_ condition: PutCondition) async throws(MirrorError) -> Bool {
        guard try await write(condition) else { return false }
        return try await prove()
    }

    private func adopt(_ look: LeaseLook) async throws(MirrorError) -> Bool {
        state.withLock { state in
            state.look = look
            state.renewals = max(state.renewals, look.note?.renewals ?? 0)
        }
        return try await claim(look.tag.map { .ifMatch($0) } ?? .none)
    }

    /// Asks the store for what it must refuse, twice. One that does it all the same obeys no conditions: then what stands
    /// there after a pause counts.
    private func prove() async throws(MirrorError) -> Bool {
        let isRefused = try await !write(.ifAbsent)
        if isRefused, try await !write(.ifMatch("00000000000000000000000000000000")) { return true }
        state.withLock { $0.isGuarded = false }
        try await pause(terms.duration / 12)
        return try await look()?.note?.holder == terms.holder
    }

    // MARK: Keeping it

    /// Renews the lease until the task is cancelled.
    ///
    /// - Returns: why it is not ours any more; nil when the task was cancelled.
    func hold() async -> MirrorError? {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: terms.duration / 3)
                guard try await renew() else {
                    state.withLock { $0.isLost = true }
                    return lost
                }
            } catch {
                // The target is away: nobody else can take the lease there. Tried again in a while.
                continue
            }
        }
        return nil
    }

    var lost: MirrorError {
        MirrorError(.locked, "another mirror has taken over \(target.location)", side: .target)
    }

    private func renew() async throws(MirrorError) -> Bool {
        let (known, isGuarded) = state.withLock { ($0.look, $0.isGuarded) }
        if isGuarded, let tag = known?.tag, try await write(.ifMatch(tag)) { return true }
        guard let look = try await look() else { return try await write(.ifAbsent) }
        guard look.note?.holder == terms.holder else { return false }
        guard isGuarded else { return try await write(.none) }
        state.withLock { $0.look = look }
        return try await write(look.tag.map { .ifMatch($0) } ?? .none)
    }

    /// Gives it back, so that who waits need not wait. Also from a cancelled task; failures only cost the others time.
    func release() async {
        guard state.withLock({ $0.look != nil && !$0.isLost }) else { return }
        await Task.apart { await self.remove() }.value
    }

    private func remove() async {
        guard let look = try? await look(), look.note?.holder == terms.holder else { return }
        let version = state.withLock { $0.version }
        if let version, target.features.offers(.versions) {
            let name = VersionName(key: TargetLease.key, versionID: version)
            if let failures = try? await target.features.deleteVersions([name]), failures.isEmpty { return }
        }
        _ = try? await target.delete([TargetLease.key])
    }

    // MARK: Requests

    private func look() async throws(MirrorError) -> LeaseLook? {
        do throws(StoreError) {
            let object = try await target.get(TargetLease.key, options: GetOptions())
            let bytes = try await collect(object)
            return LeaseLook(note: LeaseNote(bytes), bytes: bytes, tag: object.info.etag)
        } catch {
            if error.code == .notFound { return nil }
            throw MirrorError(error, .target, while: "reading the lease of \(target.location)")
        }
    }

    /// Whatever somebody put there: its first 64 KiB tell it from another.
    private func collect(_ object: StoredObject) async throws(StoreError) -> ByteBuffer {
        var bytes = ByteBuffer()
        do {
            for try await var chunk in object.body {
                bytes.writeBuffer(&chunk)
                if bytes.readableBytes > 64 << 10 { break }
            }
            return bytes
        } catch {
            throw StoreError(error, while: "reading '\(TargetLease.key)'")
        }
    }

    /// - Returns: false if the condition does not hold.
    private func write(_ condition: PutCondition) async throws(MirrorError) -> Bool {
        let number = state.withLock { state in
            state.renewals += 1
            return state.renewals
        }
        let note = LeaseNote(terms, renewals: number)
        do throws(StoreError) {
            let bytes = try encoded(note)
            let options = PutOptions(condition: condition, contentType: "application/json")
            let info = try await target.put(bytes, at: TargetLease.key, options: options)
            let old = state.withLock { state in
                defer { state.version = info.versionID }
                state.look = LeaseLook(note: note, bytes: bytes, tag: info.etag)
                return state.version
            }
            await forget(old)
            return true
        } catch {
            switch error.code {
            case .preconditionFailed: return false
            // A store without conditions: as one that does not obey them.
            case .unsupported where condition != .none:
                if condition == .ifAbsent, state.withLock({ $0.look != nil }) { return true }
                return try await write(.none)
            default: throw MirrorError(error, .target, while: "writing the lease of \(target.location)")
            }
        }
    }

    private func encoded(_ note: LeaseNote) throws(StoreError) -> ByteBuffer {
        do {
            return try note.encoded()
        } catch {
            throw StoreError(.invalid, "the lease of \(target.location) cannot be written down", cause: error)
        }
    }

    private func forget(_ version: String?) async {
        guard let version, target.features.offers(.versions) else { return }
        _ = try? await target.features.deleteVersions([VersionName(key: TargetLease.key, versionID: version)])
    }

    private func pause(_ duration: Duration) async throws(MirrorError) {
        do {
            try await clock.sleep(for: duration)
        } catch {
            throw MirrorError(.cancelled, "waiting for the lease of \(target.location) was cancelled", cause: error)
        }
    }
}
