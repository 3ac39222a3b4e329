package import Basics
import NIOCore
package import ObjectStorage

/// The past of a backup bucket: a log in segments, each with the hash of the one before, and the versions or moved objects
/// that it points to. Readable without an index, from the target alone.
package struct MirrorHistory: Sendable {
    package let store: any ObjectStore
    /// A segment of a thousand entries with the longest keys.
    static let largestSegment = ByteCount.mebibytes(16)

    package init(store: any ObjectStore) { self.store = store }

    /// Reads the whole log and checks the chain.
    /// - Throws: `.history` if a segment is missing, altered or out of order.
    package func check() async throws(MirrorError) -> HistorySummary {
        var summary = HistorySummary()
        _ = try await forEachSegment { segment, hash in
            summary.segments += 1
            summary.entries += segment.entries.count
            summary.head = hash
            if summary.first == nil { summary.first = segment.written }
            summary.last = segment.written
        }
        return summary
    }

    /// Reads the log in order, each segment checked against the hash that the next one names.
    ///
    /// Memory: one segment.
    /// - Returns: how many segments there are.
    func forEachSegment(_ body: (HistorySegment, String) throws -> Void) async throws(MirrorError) -> Int {
        var count = 0
        var hash: String?
        var request = ListRequest(prefix: MirrorLayout.log)
        repeat {
            let page = try await list(request)
            for object in page.objects {
                guard let number = HistorySegment.number(of: object.key) else { continue }
                guard number == count + 1 else {
                    throw MirrorError(.history, "segment \(count + 1) of the history in \(store.location) is missing")
                }
                let (segment, itsHash) = try await read(number)
                guard segment.previous == hash else {
                    throw MirrorError(
                        .history, "segment \(count) of the history in \(store.location) is not what it was")
                }
                hash = itsHash
                count = number
                do {
                    try body(segment, itsHash)
                } catch {
                    throw (error as? MirrorError) ?? MirrorError(.history, "reading the history failed", cause: error)
                }
            }
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return count
    }

    /// The last segment's number and hash; number 0 for a history that has not begun.
    func end() async throws(MirrorError) -> (number: Int, hash: String?) {
        var last = 0
        var request = ListRequest(prefix: MirrorLayout.log)
        repeat {
            let page = try await list(request)
            last = page.objects.compactMap { HistorySegment.number(of: $0.key) }.max() ?? last
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        guard last > 0 else { return (0, nil) }
        return (last, try await read(last).hash)
    }

    private func list(_ request: ListRequest) async throws(MirrorError) -> ListPage {
        do throws(StoreError) {
            return try await store.list(request)
        } catch {
            throw MirrorError(error, .target, while: "listing the history in \(store.location)")
        }
    }

    private func read(_ number: Int) async throws(MirrorError) -> (segment: HistorySegment, hash: String) {
        let bytes: ByteBuffer
        do throws(StoreError) {
            bytes = try await store.read(HistorySegment.key(number), limit: MirrorHistory.largestSegment)
        } catch {
            throw MirrorError(error, .target, while: "reading segment \(number) of the history in \(store.location)")
        }
        return (try HistorySegment(decoding: bytes, number: number), HistorySegment.hash(bytes))
    }
}

package struct HistorySummary: Sendable, Hashable {
    package var segments = 0
    package var entries = 0
    /// The hash of the last segment: whoever notes it down can tell later that nothing before it was altered.
    package var head: String?
    package var first: Timestamp?
    package var last: Timestamp?

    package init() {}
}
