import Basics
import ObjectStorage
import Synchronization

/// The parts that work together on one pair, in one pass or for ever.
final class MirrorWorks: Sendable {
    let source: any ObjectStore
    let target: any ObjectStore
    let options: MirrorOptions
    let tools: MirrorTools
    let index: MirrorIndex?
    let keepers: KeeperInWaiting
    let copier: ObjectCopier
    let recorder: MirrorRecorder
    let tally: MirrorTally
    /// A page that cannot be listed is asked for again for ever, and nothing stops for good.
    let isPatient: Bool

    /// - Parameter restsOnIndex: the target is not listed. Should somebody else have written there since the index was last
    ///   used, nothing is copied or deleted, and `keepers.isOvertaken`.
    init(
        source: MirrorEndpoint, target: MirrorEndpoint, options: MirrorOptions, tools: MirrorTools,
        index: MirrorIndex?, isPatient: Bool = false, restsOnIndex: Bool = false,
        tell: @escaping @Sendable (LeaseNews) -> Void = { _ in }
    ) {
        self.isPatient = isPatient
        let source = isPatient ? WatchedStore(base: source.store) : source.store
        let target = isPatient ? WatchedStore(base: target.store) : target.store
        self.source = source
        self.target = target
        self.options = options
        self.tools = tools
        self.index = index
        keepers = KeeperInWaiting(
            options, target: target, tools: tools, isPatient: isPatient, index: index, restsOnIndex: restsOnIndex,
            tell: { news in
                tools.observer.observe(.lease(news))
                tell(news)
            })
        copier = ObjectCopier(
            source: source, target: target, options: options, wallClock: tools.wallClock, uploads: index)
        recorder = MirrorRecorder(index: index, keepers: keepers)
        tally = MirrorTally(
            keptFailures: options.keptFailures, stops: !isPatient, observer: tools.observer)
    }

    /// Everything is noted: the index stands for the target until somebody else writes there.
    func endIndexUse() throws(MirrorError) {
        if let end = keepers.known?.end { try index?.set(.history, to: end) }
        try index?.endUse()
    }

    /// Brings one key of the target to the source's present state and writes it down.
    ///
    /// - Parameter known: what the index knows; the same is not copied again. Nil copies whatever is there.
    func copy(
        _ key: ObjectKey, expected: ObjectInfo?, _ reason: Difference.Reason, known: IndexEntry? = nil
    ) async throws(MirrorWorksFailure) -> CopyResult {
        let keeper = try await keeper()
        let moved = MovedAway()
        var orders = CopyOrders(known: known)
        orders.stamps = reason == .content && !copier.tagsAreDigests
        if reason != .missing, keeper?.way == .moving {
            orders.prepare = { [self] () async throws(CopyFailure) in try await preserve(key, moved) }
        }
        let result: CopyResult
        do throws(CopyFailure) {
            result = try await copier.copy(key, expected: expected, orders: orders)
        } catch {
            throw .object(error)
        }
        guard case .copied(let copy) = result else { return result }
        let entry = IndexEntry(source: copy.source, target: copy.target)
        var entries = moved.entries
        if keeper?.keepsLog == true { entries.append(HistoryEntry(entry, copy.source, now: tools.wallClock.now())) }
        try await note(.copied(entry), entries)
        return result
    }

    private func preserve(_ key: ObjectKey, _ moved: MovedAway) async throws(CopyFailure) {
        do throws(MirrorWorksFailure) {
            if let entry = try await preserve(key, isDelete: false) { moved.add(entry) }
        } catch {
            switch error {
            case .object(let failure): throw failure
            case .all(let error): throw CopyFailure(.overwrite, StoreError(.unavailable, error.message, cause: error))
            }
        }
    }

    /// Notes an equal pair that was there before the mirror.
    func adopt(source: ObjectInfo, target: ObjectInfo) async throws(MirrorWorksFailure) {
        guard index != nil else { return }
        let entry = IndexEntry(source: source, target: target)
        do throws(MirrorError) {
            let put = HistoryEntry(entry, source, now: tools.wallClock.now())
            try await recorder.noteIfUnknown(.copied(entry), [put])
        } catch {
            throw .all(error)
        }
    }

    /// Notes that the target has something under `key` which is not a copy of the source's: the next scan, which may look
    /// at the index only, must not take the key for a new one.
    func noteStale(_ target: ObjectInfo) async {
        guard index != nil else { return }
        let entry = IndexEntry(key: target.key, size: -1, tag: nil, targetTag: target.etag)
        do throws(MirrorError) {
            try await recorder.noteIfUnknown(.copied(entry), [])
        } catch {
            // What cannot be written down is kept, and the next flush says why: this object has failed already.
        }
    }

    func preserve(_ key: ObjectKey, isDelete: Bool) async throws(MirrorWorksFailure) -> HistoryEntry? {
        guard let keeper = try await keeper() else { return nil }
        do throws(StoreError) {
            return try await keeper.preserve(key, isDelete: isDelete)
        } catch {
            throw .object(CopyFailure(isDelete ? .remove : .overwrite, .target, error))
        }
    }

    private func keeper() async throws(MirrorWorksFailure) -> HistoryKeeper? {
        do throws(MirrorError) {
            return try await keepers.keeper()
        } catch {
            throw .all(error)
        }
    }

    func note(_ change: IndexChange, _ entries: [HistoryEntry]) async throws(MirrorWorksFailure) {
        do throws(MirrorError) {
            try await recorder.note(change, entries)
        } catch {
            throw .all(error)
        }
    }
}

/// What was moved away for one copy; more than once if the copy was tried again.
private final class MovedAway: Sendable {
    private let state = Mutex<[HistoryEntry]>([])

    var entries: [HistoryEntry] { state.withLock { $0 } }

    func add(_ entry: HistoryEntry) { state.withLock { $0.append(entry) } }
}

/// What went wrong: one object, or what all of them need.
enum MirrorWorksFailure: Error {
    case object(CopyFailure)
    case all(MirrorError)
}

extension HistoryEntry {
    /// A copy that was made.
    init(_ entry: IndexEntry, _ source: ObjectInfo, now: Timestamp) {
        let stamped = source.metadata[MirrorLayout.timeStamp].flatMap { Timestamp($0) }
        self.init(key: entry.key, .put, at: stamped ?? source.lastModified ?? now)
        size = entry.size
        tag = entry.tag
        targetTag = entry.targetTag
        version = entry.targetVersion
    }
}
