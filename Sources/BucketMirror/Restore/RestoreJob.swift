import Basics
import ObjectStorage
import Synchronization

/// Carries one restore out: the past state on one side, a listing of the destination on the other.
struct RestoreJob: Sendable {
    private let options: RestoreOptions
    private let past: PastState
    private let backup: any ObjectStore
    private let destination: any ObjectStore
    private let copier: ObjectCopier
    private let tally: MirrorTally
    private let places: OldPlaces
    private let numbers = Numbers()

    /// What only a restore counts.
    private final class Numbers: Sendable {
        let state = Mutex(RestoreReport())
        func count(_ change: (inout RestoreReport) -> Void) { state.withLock { change(&$0) } }
    }

    init(restore: BucketRestore, past: PastState) {
        options = restore.options
        self.past = past
        backup = restore.backup.store
        destination = restore.destination.store
        copier = ObjectCopier(
            source: backup, target: destination, options: restore.mirrorOptions, wallClock: restore.tools.wallClock)
        tally = MirrorTally(keptFailures: 1000, stops: true, observer: restore.tools.observer)
        places = OldPlaces(backup)
    }

    func run() async throws(MirrorError) -> RestoreReport {
        let (extra, failure) = await compare()
        if let failure { throw failure }
        if options.removesExtra { try await remove(extra) }
        var report = numbers.state.withLock { $0 }
        report.mirror = tally.report
        return report
    }

    private func compare() async -> ([ObjectKey], MirrorError?) {
        await withTaskGroup(of: Void.self) { group in
            var extra: [ObjectKey] = []
            var failure: MirrorError?
            var running = 0
            do throws(MirrorError) {
                var merge = ListingMerge()
                var listing = ListingReader(destination, prefix: options.prefix)
                var last: ObjectKey?
                merging: while true {
                    switch merge.next() {
                    case .finished: break merging
                    case .needs(let side):
                        if let stop = tally.stop { throw stop }
                        if Task.isCancelled { throw MirrorError(.cancelled, "the restore was cancelled") }
                        try await feed(side, &merge, &listing, &last)
                    case .difference(.extra(let info)):
                        if !info.key.text.hasPrefix(MirrorLayout.reserved), extra.count < MirrorScan.mostGone {
                            extra.append(info.key)
                        }
                    case .difference(let difference):
                        if running >= options.workers {
                            await group.next()
                            running -= 1
                        }
                        running += 1
                        group.addTask { await self.restore(difference) }
                    }
                }
                listing.cancel()
            } catch {
                failure = error
                group.cancelAll()
            }
            await group.waitForAll()
            if failure == nil, Task.isCancelled { failure = MirrorError(.cancelled, "the restore was cancelled") }
            return (extra, failure ?? tally.stop)
        }
    }

    private func feed(
        _ side: ListingMerge.Side, _ merge: inout ListingMerge, _ listing: inout ListingReader, _ last: inout ObjectKey?
    ) async throws(MirrorError) {
        let page: ListingReader.Page
        if side == .source {
            let entries = try past.page(after: last)
            last = entries.last?.key ?? last
            page = (entries.map(\.source), entries.count < 1000)
        } else {
            do throws(StoreError) {
                page = try await listing.next()
            } catch {
                throw MirrorError(error, .target, while: "listing the destination")
            }
        }
        do throws(ListingMerge.Disorder) {
            try merge.feed(side, page.objects, isLast: page.isLast)
        } catch {
            throw MirrorError(.listing, "the listing of the destination is not sorted at '\(error.key)'", cause: error)
        }
    }

    private func restore(_ difference: Difference) async {
        guard !Task.isCancelled, tally.stop == nil else { return }
        do throws(CopyFailure) {
            guard let entry = try entry(difference.key) else { return }
            numbers.count { report in
                report.objects += 1
                report.bytes += entry.size
            }
            tally.count { $0.compared += 1 }
            switch difference {
            case .equal: return tally.count { $0.equal += 1 }
            case .missing: return try await copy(entry, .missing)
            case .uncertain(_, let present):
                if try await isEqual(entry, present) { return tally.count { $0.equal += 1 } }
                try await replace(entry, present, .content)
            case .changed(_, let present, let reason): try await replace(entry, present, reason)
            case .extra: return
            }
        } catch {
            if error.error.code == .cancelled, Task.isCancelled { return }
            if error.error.code == .notFound, error.side == .source { numbers.count { $0.lost += 1 } }
            tally.failed(difference.key, error)
        }
    }

    private func entry(_ key: ObjectKey) throws(CopyFailure) -> IndexEntry? {
        do throws(MirrorError) {
            return try past.entry(key)
        } catch {
            throw CopyFailure(.compare, .source, StoreError(.unavailable, error.message, cause: error))
        }
    }

    private func isEqual(_ entry: IndexEntry, _ present: ObjectInfo) async throws(CopyFailure) -> Bool {
        guard let tag = entry.tag else { return false }
        do throws(StoreError) {
            let head = try await destination.head(entry.key)
            return head.etag == present.etag && head.metadata[MirrorLayout.tagStamp] == entry.targetTag
                || head.metadata[MirrorLayout.tagStamp] == tag
        } catch {
            if error.code == .notFound { return false }
            throw CopyFailure(.compare, .target, error)
        }
    }

    private func replace(
        _ entry: IndexEntry, _ present: ObjectInfo, _ reason: Difference.Reason
    ) async throws(CopyFailure) {
        let instant = options.at ?? past.reaches
        if !options.overwritesNewer, let written = present.lastModified, let instant, written > instant {
            tally.observer.observe(.kept(entry.key))
            return numbers.count { $0.newerKept += 1 }
        }
        try await copy(entry, reason)
    }

    private func copy(_ entry: IndexEntry, _ reason: Difference.Reason) async throws(CopyFailure) {
        tally.count { counts in
            counts.planned += 1
            counts.bytesPlanned += entry.size
        }
        if options.isDryRun { return tally.observer.observe(.wouldCopy(entry.source, reason)) }
        var orders = CopyOrders()
        orders.wantedTag = entry.targetTag
        // Two stores made the same tag of the same bytes: it is their sum, and other bytes are damage.
        orders.tagIsSum = entry.tag == entry.targetTag
        orders.stamps = reason == .content
        if let copy = try await attempt(entry, origin(of: entry), orders) { return tally.copied(copy, reason) }
        do throws(StoreError) {
            guard let origin = try await places.find(entry) else {
                throw StoreError(.notFound, "the bytes of '\(entry.key)' are not in the backup any more")
            }
            guard let copy = try await again(entry, origin, orders) else {
                throw StoreError(.notFound, "the bytes of '\(entry.key)' are not in the backup any more")
            }
            tally.copied(copy, reason)
        } catch {
            throw CopyFailure(.read, error)
        }
    }

    private func again(
        _ entry: IndexEntry, _ origin: ObjectOrigin, _ orders: CopyOrders
    ) async throws(StoreError) -> Copy? {
        do throws(CopyFailure) {
            return try await attempt(entry, origin, orders)
        } catch {
            throw error.error
        }
    }

    /// - Returns: nil if the bytes are not there.
    private func attempt(
        _ entry: IndexEntry, _ origin: ObjectOrigin, _ orders: CopyOrders
    ) async throws(CopyFailure) -> Copy? {
        var orders = orders
        // A moved object is a copy within the store, which may have given it another tag.
        if origin.key != entry.key { orders.wantedTag = nil }
        do throws(CopyFailure) {
            let expected = ObjectInfo(key: entry.key, size: entry.size)
            switch try await copier.copy(entry.key, expected: expected, from: origin, orders: orders) {
            case .copied(let copy): return copy.source.size == entry.size ? copy : nil
            case .vanished, .unchanged: return nil
            }
        } catch {
            if error.error.code == .notFound, error.side == .source { return nil }
            throw error
        }
    }

    private func origin(of entry: IndexEntry) -> ObjectOrigin {
        switch PastState.place(of: entry) {
        case .present: ObjectOrigin(key: entry.key)
        case .version(let version): ObjectOrigin(key: entry.key, versionID: version)
        case .moved(let key): ObjectOrigin(key: key)
        }
    }

    private func remove(_ extra: [ObjectKey]) async throws(MirrorError) {
        if options.isDryRun {
            for key in extra { tally.observer.observe(.wouldRemove(key)) }
            return
        }
        do throws(StoreError) {
            let failures = try await destination.delete(extra)
            for key in extra {
                if let failure = failures[key] {
                    tally.failed(key, CopyFailure(.remove, .target, failure))
                } else {
                    tally.count { $0.removed += 1 }
                    tally.observer.observe(.removed(key))
                }
            }
        } catch {
            throw MirrorError(error, .target, while: "deleting \(extra.count) objects of the destination")
        }
    }
}
