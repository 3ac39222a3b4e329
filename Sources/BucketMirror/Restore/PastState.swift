import Basics
import Glibc
import ObjectStorage
import Synchronization

/// What a bucket held at an instant, by the log: key, size, tags, and where the bytes are now. In a temporary database:
/// memory stays at a few MiB for any number of keys.
final class PastState: Sendable {
    /// Where the bytes of one object are.
    enum Place: Sendable, Hashable {
        /// Under its own key, as long as that has the tag of the copy.
        case present
        case version(String)
        case moved(ObjectKey)
    }

    /// Names of temporary files are unique in the process by it, and by the process's number beyond.
    private static let made = Atomic(0)

    private let index: MirrorIndex
    /// The instant that the log reaches to.
    let reaches: Timestamp?
    let segments: Int
    /// The hash of the last of them.
    let hash: String?
    /// The latest time that the log speaks of.
    let newest: Timestamp?

    /// - Parameters:
    ///   - instant: nil for the end of the log.
    ///   - through: the log is read as long as this holds.
    ///   - folder: for the temporary database, which goes with this object.
    init(
        _ history: MirrorHistory, at instant: Timestamp?, prefix: String, folder: String,
        through: (HistorySegment) -> Bool = { _ in true }
    ) async throws(MirrorError) {
        let number = PastState.made.add(1, ordering: .relaxed).newValue
        let index = try MirrorIndex(temporary: "\(folder)/martlet-restore-\(getpid())-\(number).sqlite")
        var last: Timestamp?
        var newest: Timestamp?
        var hash: String?
        func apply(_ entries: [HistoryEntry]) throws(MirrorError) {
            for entry in entries where entry.key.text.utf8.starts(with: prefix.utf8) {
                newest = max(newest ?? entry.time, entry.time)
                try PastState.apply(entry, at: instant, to: index)
            }
        }
        segments = try await history.forEachSegment { base throws(MirrorError) in
            if let instant, instant < base.from {
                throw MirrorError(.notFound, "the history in \(history.store.location) begins at \(base.from)")
            }
            (last, newest, hash) = (base.from, base.from, base.segment)
        } part: { part throws(MirrorError) in
            try apply(part.entries)
        } segment: { segment, itsHash throws(MirrorError) in
            guard through(segment) else { return false }
            (last, hash) = (segment.written, itsHash)
            newest = max(newest ?? segment.written, segment.written)
            try apply(segment.entries)
            return true
        }
        try index.flush()
        self.index = index
        reaches = last
        self.hash = hash
        self.newest = newest
    }

    private static func apply(
        _ entry: HistoryEntry, at instant: Timestamp?, to index: MirrorIndex
    ) throws(MirrorError) {
        let isInTime = instant.map { entry.time <= $0 } ?? true
        switch entry.happening {
        case .put where isInTime:
            try index.note(
                .copied(
                    IndexEntry(
                        key: entry.key, size: entry.size, tag: entry.tag, targetTag: entry.targetTag,
                        targetVersion: entry.location.map { "m" + $0 } ?? entry.version.map { "v" + $0 })))
        case .gone where isInTime:
            try index.note(.gone(entry.key))
        case .moved:
            // Also of later: it says where that went which is wanted.
            guard var known = try index.entry(entry.key), known.targetVersion == nil,
                known.targetTag == entry.targetTag, let location = entry.location
            else { return }
            known.targetVersion = "m" + location
            try index.note(.copied(known))
        case .put, .gone: break
        }
    }

    func page(after key: ObjectKey?, limit: Int = 1000) throws(MirrorError) -> [IndexEntry] {
        try index.page(after: key, limit: limit)
    }

    func entry(_ key: ObjectKey) throws(MirrorError) -> IndexEntry? { try index.entry(key) }

    static func place(of entry: IndexEntry) -> Place {
        guard let text = entry.targetVersion, let kind = text.first else { return .present }
        let rest = String(text.dropFirst())
        if kind == "m", let key = ObjectKey(rest) { return .moved(key) }
        return .version(rest)
    }
}
