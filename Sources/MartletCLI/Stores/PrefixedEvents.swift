import Basics
import ObjectStorage

/// The events of the keys beneath a prefix, with the keys as a `PrefixStore` of that prefix shows them.
struct PrefixedEvents: BucketEventSource {
    let base: any BucketEventSource
    let prefix: String

    var name: String { base.name }

    func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        let stream = try await base.open(after: cursor)
        let prefix = self.prefix
        let batches = ChunkStream<BucketEventBatch> {
            var iterator = stream.batches.makeAsyncIterator()
            return {
                guard var batch = try await iterator.next() else { return nil }
                batch.events = batch.events.compactMap { PrefixedEvents.shortened($0, by: prefix) }
                return batch
            }
        }
        return BucketEventStream(resumes: stream.resumes, heartbeat: stream.heartbeat, batches: batches)
    }

    /// Nil for a key that is not beneath the prefix.
    private static func shortened(_ event: BucketEvent, by prefix: String) -> BucketEvent? {
        guard event.key.text.utf8.starts(with: prefix.utf8),
            let key = ObjectKey(String(decoding: event.key.text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
        else { return nil }
        var event = event
        event.key = key
        return event
    }
}
