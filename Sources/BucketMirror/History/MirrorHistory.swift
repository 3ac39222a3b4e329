package import Basics
import NIOCore
package import ObjectStorage

/// The past of a backup bucket: a log in segments, each with the hash of the one before, and the versions or moved objects
/// that it points to. Readable without an index, from the target alone.
package struct MirrorHistory: Sendable {
    package let store: any ObjectStore
    /// A segment of a thousand entries, or a part of ten thousand, with the longest keys.
    static let largestSegment = ByteCount.mebibytes(32)

    package init(store: any ObjectStore) { self.store = store }

    /// Reads the whole log and checks the chain.
    /// - Throws: `.history` if a segment is missing, altered or out of order.
    package func check() async throws(MirrorError) -> HistorySummary {
        var summary = HistorySummary()
        _ = try await forEachSegment { base throws(MirrorError) in
            summary.shortenedTo = base.number
            summary.head = base.segment
            (summary.first, summary.last) = (base.from, base.from)
        } part: { part throws(MirrorError) in
            summary.entries += part.entries.count
        } segment: { segment, hash throws(MirrorError) in
            summary.segments += 1
            summary.entries += segment.entries.count
            summary.head = hash
            if summary.first == nil { summary.first = segment.written }
            summary.last = segment.written
            return true
        }
        return summary
    }

    /// Reads the log in order, each segment checked against the hash that the next one names. A log that was shortened begins
    /// with its base, in parts; segments that it stands for are passed over.
    ///
    /// Memory: one segment or part.
    /// - Parameter body: says whether to go on.
    /// - Returns: the number of the last segment that `body` took.
    func forEachSegment(
        base takeBase: (HistoryBase) throws(MirrorError) -> Void,
        part takePart: (HistorySegment) throws(MirrorError) -> Void,
        segment body: (HistorySegment, String) throws(MirrorError) -> Bool
    ) async throws(MirrorError) -> Int {
        let base = try await base()
        if let base {
            try takeBase(base)
            try await forEachPart(of: base, takePart)
        }
        var (count, hash) = (base?.number ?? 0, base?.segment)
        var request = ListRequest(prefix: MirrorLayout.log)
        repeat {
            let page = try await list(request)
            for object in page.objects {
                guard let number = HistorySegment.number(of: object.key), number > base?.number ?? 0 else { continue }
                guard number == count + 1 else {
                    throw MirrorError(.history, "segment \(count + 1) of the history in \(store.location) is missing")
                }
                let (segment, itsHash) = try await read(HistorySegment.key(number), number)
                guard segment.previous == hash else {
                    throw MirrorError(
                        .history, "segment \(count) of the history in \(store.location) is not what it was")
                }
                guard try body(segment, itsHash) else { return count }
                (count, hash) = (number, itsHash)
            }
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return count
    }

    private func forEachPart(
        of base: HistoryBase, _ take: (HistorySegment) throws(MirrorError) -> Void
    ) async throws(MirrorError) {
        var hash: String?
        for number in 0..<base.parts {
            let (part, itsHash) = try await read(base.part(number + 1), number + 1)
            guard part.previous == hash else {
                throw MirrorError(.history, "the base of the history in \(store.location) is not what it was")
            }
            hash = itsHash
            try take(part)
        }
        guard hash == base.hash else {
            throw MirrorError(.history, "the base of the history in \(store.location) is not what it was")
        }
    }

    /// What stands for the beginning of a log that was shortened: the latest whole one; nil for a log that was not.
    func base() async throws(MirrorError) -> HistoryBase? {
        var latest: ObjectKey?
        var request = ListRequest(prefix: MirrorLayout.base)
        repeat {
            let page = try await list(request)
            latest = page.objects.last { HistoryBase.isHead($0.key) }?.key ?? latest
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        guard let latest, let number = HistoryBase.number(of: latest) else { return nil }
        let bytes: ByteBuffer
        do throws(StoreError) {
            bytes = try await store.read(latest, limit: .kibibytes(64))
        } catch {
            throw MirrorError(error, .target, while: "reading '\(latest)' in \(store.location)")
        }
        return try HistoryBase(decoding: bytes, number: number)
    }

    /// The last segment's number and hash; number 0 for a history that has not begun.
    func end() async throws(MirrorError) -> (number: Int, hash: String?) {
        // The last segment is never removed; a log without segments has no base either.
        let last = try await lastSegment()
        guard last > 0 else { return (0, nil) }
        return (last, try await read(HistorySegment.key(last), last).hash)
    }

    /// Its number; 0 for a history that has not begun.
    func lastSegment() async throws(MirrorError) -> Int {
        var last = 0
        var request = ListRequest(prefix: MirrorLayout.log)
        repeat {
            let page = try await list(request)
            last = page.objects.compactMap { HistorySegment.number(of: $0.key) }.max() ?? last
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return last
    }

    private func list(_ request: ListRequest) async throws(MirrorError) -> ListPage {
        do throws(StoreError) {
            return try await store.list(request)
        } catch {
            throw MirrorError(error, .target, while: "listing the history in \(store.location)")
        }
    }

    private func read(
        _ key: ObjectKey, _ number: Int
    ) async throws(MirrorError) -> (segment: HistorySegment, hash: String) {
        let bytes: ByteBuffer
        do throws(StoreError) {
            bytes = try await store.read(key, limit: MirrorHistory.largestSegment)
        } catch {
            throw MirrorError(error, .target, while: "reading '\(key)' of the history in \(store.location)")
        }
        return (try HistorySegment(decoding: bytes, number: number), HistorySegment.hash(bytes))
    }
}

package struct HistorySummary: Sendable, Hashable {
    package var segments = 0
    package var entries = 0
    /// The last segment that was put together with those before it; nil for a log that is whole.
    package var shortenedTo: Int?
    /// The hash of the last segment: whoever notes it down can tell later that nothing before it was altered.
    package var head: String?
    package var first: Timestamp?
    package var last: Timestamp?

    package init() {}
}
