import Basics
import NIOCore
import ObjectStorage

/// Shortens the log: what lies before everything that retention keeps is put together into a base, and its segments go. Also
/// removes what was moved away before that time. A mirror may be at work meanwhile.
///
/// A kill at any point leaves a log that reads the same: the base counts from its head on, which is written last, and segments
/// that it stands for are passed over. Memory: a segment or a part; the state of all keys is in a temporary database.
struct HistoryShortening: Sendable {
    let store: any ObjectStore
    /// What happened before can be forgotten.
    let horizon: Timestamp
    /// Shorter gains are not worth writing the state of all keys anew.
    let leastSegments: Int
    let scratchFolder: String

    struct Plan: Sendable {
        /// The last segment to go; 0 for none.
        var last = 0
        /// Segments that would go.
        var segments = 0
        var moved: [(key: ObjectKey, size: Int64)] = []
    }

    func plan() async throws(MirrorError) -> Plan {
        let history = MirrorHistory(store: store)
        let base = try await history.base()
        var plan = Plan()
        plan.moved = try await movedBefore(horizon)
        // The last segment stays: it carries the chain on.
        let end = try await history.lastSegment()
        let isLong = end - (base?.number ?? 0) > leastSegments
        guard isLong || !plan.moved.isEmpty else { return plan }
        guard end > 0 else { return plan }
        let state = try await PastState(
            history, at: nil, prefix: "", folder: scratchFolder, through: { $0.written < horizon && $0.number < end })
        plan.moved = try stillMoved(plan.moved, state)
        let gain = state.segments - (base?.number ?? 0)
        guard gain >= leastSegments else { return plan }
        plan.last = state.segments
        plan.segments = gain
        return plan
    }

    /// Carries a plan out.
    /// - Returns: how many objects could not be removed, because the store has locked them.
    func run(_ plan: Plan) async throws(MirrorError) -> Int {
        var locked = 0
        if plan.last > 0 {
            try await writeBase(plan.last)
            locked += try await remove { key in
                if let number = HistorySegment.number(of: key) { return number <= plan.last }
                return HistoryBase.number(of: key).map { $0 < plan.last } ?? false
            }
        }
        let moved = Set(plan.moved.map(\.key))
        if !moved.isEmpty { locked += try await remove(beneath: [MirrorLayout.old]) { moved.contains($0) } }
        return locked
    }

    // MARK: The base

    private func writeBase(_ number: Int) async throws(MirrorError) {
        let history = MirrorHistory(store: store)
        let state = try await PastState(
            history, at: nil, prefix: "", folder: scratchFolder, through: { $0.number <= number })
        guard state.segments == number, let segment = state.hash else {
            throw MirrorError(.history, "segment \(number) of the history in \(store.location) is gone")
        }
        let from = state.newest ?? horizon
        var base = HistoryBase(number: number, segment: segment, parts: 0, hash: nil, from: from)
        var last: ObjectKey?
        while true {  // Ends with the keys.
            let page = try state.page(after: last, limit: HistoryBase.entriesInPart)
            guard !page.isEmpty else { break }
            last = page.last?.key
            base.parts += 1
            let part = HistorySegment(
                number: base.parts, previous: base.hash, written: from,
                entries: page.map { HistoryEntry(base: $0, from) })
            let bytes = part.encoded()
            try await put(bytes, at: base.part(base.parts))
            base.hash = HistorySegment.hash(bytes)
        }
        try await put(base.encoded(), at: base.head)
    }

    private func put(_ bytes: ByteBuffer, at key: ObjectKey) async throws(MirrorError) {
        var options = PutOptions(contentType: "application/x-ndjson")
        options.contentMD5 = MD5Sum.of(bytes)
        do throws(StoreError) {
            _ = try await store.put(bytes, at: key, options: options)
        } catch {
            throw MirrorError(error, .target, while: "writing the history's base in \(store.location)")
        }
    }

    // MARK: What was moved away

    /// By their names, which begin with the second in which they were moved.
    private func movedBefore(_ horizon: Timestamp) async throws(MirrorError) -> [(key: ObjectKey, size: Int64)] {
        var found: [(key: ObjectKey, size: Int64)] = []
        var listing = ListingReader(store, prefix: MirrorLayout.old)
        do throws(StoreError) {
            while true {  // Ends with the listing, or with as many as one run removes.
                let page = try await listing.next()
                for object in page.objects {
                    let digits = object.key.text.dropFirst(MirrorLayout.old.count).prefix { $0 != "." }
                    if let second = Int64(digits), second < horizon.seconds { found.append((object.key, object.size)) }
                }
                if page.isLast || found.count >= MirrorScan.mostGone { return found }
            }
        } catch {
            throw MirrorError(error, .target, while: "listing what was moved away in \(store.location)")
        }
    }

    /// Without those that are still the place of a key's state: a mirror was killed before it wrote the next one.
    private func stillMoved(
        _ moved: [(key: ObjectKey, size: Int64)], _ state: PastState
    ) throws(MirrorError) -> [(key: ObjectKey, size: Int64)] {
        var kept: [(key: ObjectKey, size: Int64)] = []
        for object in moved {
            let rest = object.key.text.dropFirst(MirrorLayout.old.count)
            guard let slash = rest.firstIndex(of: "/"), let key = ObjectKey(String(rest[rest.index(after: slash)...]))
            else { continue }
            if let entry = try state.entry(key), PastState.place(of: entry) == .moved(object.key) { continue }
            kept.append(object)
        }
        return kept
    }

    // MARK: Removing

    /// All versions of the keys beneath the layout's places that `goes` picks.
    private func remove(
        beneath places: [String] = [MirrorLayout.log, MirrorLayout.base], _ goes: (ObjectKey) -> Bool
    ) async throws(MirrorError) -> Int {
        var locked = 0
        do throws(StoreError) {
            for place in places {
                locked +=
                    try await store.features.offers(.versions)
                    ? removeVersions(place, goes) : removePlain(place, goes)
            }
        } catch {
            throw MirrorError(error, .target, while: "shortening the history in \(store.location)")
        }
        return locked
    }

    private func removePlain(_ place: String, _ goes: (ObjectKey) -> Bool) async throws(StoreError) -> Int {
        var listing = ListingReader(store, prefix: place)
        var locked = 0
        while true {  // Ends with the listing.
            let page = try await listing.next()
            let keys = page.objects.map(\.key).filter(goes)
            if !keys.isEmpty { locked += try await store.delete(keys).count }
            if page.isLast { return locked }
        }
    }

    private func removeVersions(_ place: String, _ goes: (ObjectKey) -> Bool) async throws(StoreError) -> Int {
        var request = VersionListRequest(prefix: place)
        var locked = 0
        while true {  // Ends with the listing.
            let page = try await store.features.listVersions(request)
            let names = page.versions.filter { goes($0.info.key) }.compactMap { version in
                version.info.versionID.map { VersionName(key: version.info.key, versionID: $0) }
            }
            if !names.isEmpty { locked += try await store.features.deleteVersions(names).count }
            guard let next = page.next else { return locked }
            request.marker = next
        }
    }
}

extension HistoryEntry {
    /// One key's state in a base; true from `time` on.
    fileprivate init(base entry: IndexEntry, _ time: Timestamp) {
        self.init(key: entry.key, .put, at: time)
        size = entry.size
        tag = entry.tag
        targetTag = entry.targetTag
        switch PastState.place(of: entry) {
        case .present: break
        case .version(let id): version = id
        case .moved(let key): location = key.text
        }
    }
}
