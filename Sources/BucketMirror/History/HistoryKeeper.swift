import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// Keeps the past while a mirror works: moves away what would be destroyed, and writes the log.
///
/// One for each target at a time: whoever has the lease. And a segment is only ever created, never replaced, so two writers
/// notice each other where the store obeys conditional writes.
final class HistoryKeeper: Sendable {
    enum Way: Sendable { case versions, moving }

    let way: Way
    let keepsLog: Bool
    private let target: any ObjectStore
    private let lock: CopyLock?
    /// Nil if nobody else writes there, or if there is no log to be written.
    let lease: TargetLease?
    private let wallClock: WallClock
    private struct State {
        var number: Int
        var hash: String?
        var moves = 0
        /// Made and perhaps not written yet.
        var pending: (key: ObjectKey, bytes: ByteBuffer)?
        /// Waits for the segment before.
        var queued: [HistoryEntry] = []
    }

    private let state: Mutex<State>

    private init(
        way: Way, keepsLog: Bool, target: any ObjectStore, lock: CopyLock?, lease: TargetLease?, wallClock: WallClock,
        number: Int, hash: String?
    ) {
        self.lock = lock
        self.lease = lease
        self.way = way
        self.keepsLog = keepsLog
        self.target = target
        self.wallClock = wallClock
        state = Mutex(State(number: number, hash: hash))
    }

    /// What the options mean for this target; nil if nothing is kept. With a log to be written the lease is taken first.
    ///
    /// - Parameters:
    ///   - isPatient: waits for the lease as long as somebody else has it.
    ///   - tell: how it stands with the lease.
    static func make(
        _ options: MirrorOptions, target: any ObjectStore, tools: MirrorTools, isPatient: Bool,
        tell: @Sendable (LeaseNews) -> Void
    ) async throws(MirrorError) -> HistoryKeeper? {
        let mode = options.history
        guard mode != .off else { return nil }
        let isVersioned = try await isVersioned(target, switchingOn: mode == .full)
        var (number, hash) = try await MirrorHistory(store: target).end()
        let keepsLog = mode == .full || isVersioned || number > 0
        guard keepsLog || options.deletes == .propagate else { return nil }
        var lease: TargetLease?
        if keepsLog, let terms = options.lease {
            let taken = TargetLease(terms, target: target, clock: tools.clock)
            try await taken.acquire(isPatient: isPatient, tell: tell)
            lease = taken
            // Whoever had it may have written until now.
            do throws(MirrorError) {
                (number, hash) = try await MirrorHistory(store: target).end()
            } catch {
                await taken.release()
                throw error
            }
        }
        return HistoryKeeper(
            way: isVersioned ? .versions : .moving, keepsLog: keepsLog, target: target, lock: options.lock,
            lease: lease,
            wallClock: tools.wallClock, number: number, hash: hash)
    }

    /// The end of the log as far as this keeper knows: another one means that somebody else wrote in between.
    var end: String? { keepsLog ? state.withLock { "\($0.number) \($0.hash ?? "")" } : nil }

    private static func isVersioned(
        _ target: any ObjectStore, switchingOn: Bool
    ) async throws(MirrorError) -> Bool {
        guard target.features.offers(.versions) else { return false }
        do throws(StoreError) {
            if try await target.features.versioning() == .enabled { return true }
            guard switchingOn else { return false }
            try await target.features.setVersioning(.enabled)
            return try await target.features.versioning() == .enabled
        } catch {
            switch error.code {
            case .unsupported, .invalid: return false
            // Who may not ask about versions moves objects away: that needs no further right.
            case .forbidden: return false
            default:
                throw MirrorError(error, .target, while: "asking \(target.location) about versions")
            }
        }
    }

    /// Moves away what the target has under `key`, if it would be lost otherwise.
    ///
    /// - Parameter isDelete: without a log, only what is about to be deleted is moved.
    /// - Returns: what to note; nil if there was nothing to move.
    func preserve(_ key: ObjectKey, isDelete: Bool) async throws(StoreError) -> HistoryEntry? {
        guard way == .moving, keepsLog || isDelete else { return nil }
        let now = wallClock.now()
        let location = place(for: key, now)
        do throws(StoreError) {
            let info = try await HistoryKeeper.copyWithin(target, from: key, to: location)
            var entry = HistoryEntry(key: key, .moved, at: now)
            entry.targetTag = info.etag
            entry.location = location.text
            return entry
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// Writes the next segment. One call at a time.
    ///
    /// What could not be written is kept and written first by the next call.
    /// - Throws: `.history` if somebody else wrote one; whatever else may be repeated, also without entries.
    func append(_ entries: [HistoryEntry]) async throws(MirrorError) {
        guard keepsLog else { return }
        if let lease, lease.isLost { throw lease.lost }
        state.withLock { $0.queued += entries }
        try await writePending()
        let now = wallClock.now()
        state.withLock { state in
            guard !state.queued.isEmpty else { return }
            let segment = HistorySegment(
                number: state.number + 1, previous: state.hash, written: now, entries: state.queued)
            state.pending = (segment.key, segment.encoded())
            state.queued = []
        }
        try await writePending()
    }

    private func writePending() async throws(MirrorError) {
        guard let (key, bytes) = state.withLock({ $0.pending }) else { return }
        var options = PutOptions(condition: .ifAbsent, contentType: "application/x-ndjson")
        options.contentMD5 = MD5Sum.of(bytes)
        options.retention = lock?.retention(from: wallClock.now())
        do throws(StoreError) {
            _ = try await target.put(bytes, at: key, options: options)
        } catch {
            // An earlier try may have arrived without its answer.
            guard error.code == .preconditionFailed else {
                throw MirrorError(error, .target, while: "writing the history in \(target.location)")
            }
            guard try await isOurs(key, bytes) else {
                throw MirrorError(
                    .history, "somebody else writes the history in \(target.location): '\(key)' exists", side: .target,
                    cause: error)
            }
        }
        state.withLock { state in
            state.number += 1
            state.hash = HistorySegment.hash(bytes)
            state.pending = nil
        }
    }

    private func isOurs(_ key: ObjectKey, _ bytes: ByteBuffer) async throws(MirrorError) -> Bool {
        do throws(StoreError) {
            return try await target.read(key, limit: MirrorHistory.largestSegment) == bytes
        } catch {
            throw MirrorError(error, .target, while: "reading '\(key)' in \(target.location)")
        }
    }

    /// A name of its own: the same key may be moved many times in a second. A key that would be too long is hashed; the
    /// log knows which it was.
    private func place(for key: ObjectKey, _ now: Timestamp) -> ObjectKey {
        let count = state.withLock { state in
            state.moves += 1
            return state.moves
        }
        let stem = "\(MirrorLayout.old)\(now.seconds).\(padded(Int(now.nanoseconds), 9))-\(count)/"
        let hashed = HistorySegment.hash(ByteBuffer(string: key.text))
        guard let place = ObjectKey(stem + key.text) ?? ObjectKey(stem + "sha256-" + hashed) else {
            preconditionFailure("a name of digits is no key: \(stem)")
        }
        return place
    }

    /// Within the store where it can, through here where it cannot. Metadata and tags stay.
    static func copyWithin(
        _ store: any ObjectStore, from source: ObjectKey, to target: ObjectKey
    ) async throws(StoreError) -> ObjectInfo {
        if store.features.offers(.copies) {
            do throws(StoreError) {
                // The tag of the original is what the log knows; a copy of parts may get another.
                let info = try await store.head(source)
                guard info.size <= ObjectCopier.largestPut else { return try await reupload(store, info, to: target) }
                _ = try await store.features.copy(
                    CopyRequest(source: source, sourceIfMatch: info.etag, target: target))
                return info
            } catch {
                guard error.code == .unsupported else { throw error }
            }
        }
        return try await reupload(store, store.head(source), to: target)
    }

    private static func reupload(
        _ store: any ObjectStore, _ info: ObjectInfo, to target: ObjectKey
    ) async throws(StoreError) -> ObjectInfo {
        var put = PutOptions(contentType: info.contentType, metadata: info.metadata)
        put.headers = info.headers
        let object = try await store.get(info.key, options: GetOptions(ifMatch: info.etag))
        do {
            _ = try await store.upload(at: target, options: put) { writer in
                for try await chunk in object.body { try await writer.write(chunk) }
            }
            return info
        } catch {
            throw StoreError(error, while: "moving '\(info.key)' within \(store.location)")
        }
    }
}
