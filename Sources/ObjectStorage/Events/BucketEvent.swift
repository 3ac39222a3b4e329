package import Basics

/// Somebody says that an object changed. A hint: events are lost, repeated, reordered and late, and never more than a reason
/// to look at the key.
package struct BucketEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case written, removed
        /// Tags, retention or metadata, not the bytes.
        case annotated
    }

    package var key: ObjectKey
    package var kind: Kind
    /// When the server says that it happened, by its clock.
    package var time: Timestamp?
    /// Grows from write to write of one key; says nothing between keys. Upper-case hexadecimal on MinIO and AWS.
    package var sequencer: String?

    package init(key: ObjectKey, kind: Kind, time: Timestamp? = nil, sequencer: String? = nil) {
        self.key = key
        self.kind = kind
        self.time = time
        self.sequencer = sequencer
    }
}

/// What arrives on an event stream at once. One without events is a sign of life.
package struct BucketEventBatch: Sendable, Hashable {
    package var events: [BucketEvent]
    /// Where a later subscription can go on, once these events are safe; nil if the source cannot replay.
    package var cursor: String?
    /// Something came that could not be understood, or was too long, or the source says that it dropped events: nobody
    /// knows what it was.
    package var lostSome: Bool

    package init(events: [BucketEvent] = [], cursor: String? = nil, lostSome: Bool = false) {
        self.events = events
        self.cursor = cursor
        self.lostSome = lostSome
    }
}

/// Where events of one bucket come from: MinIO's listen stream, a queue, a metadata log.
package protocol BucketEventSource: Sendable {
    /// For people and metrics: `minio:9000`, `filer:8888`. Never a secret.
    var name: String { get }

    /// Opens a stream. Returns when the source has accepted: whatever happens in the bucket from then on is announced, or
    /// the stream ends or says `lostSome`, or it is one of the losses that no source can see.
    ///
    /// - Parameter cursor: from a batch of an earlier stream; nil for "from now on".
    /// - Throws: `.unsupported` if the store has no events, which is not tried again soon; `.forbidden`,
    ///   `.unauthorized`; `.unavailable` and `.throttled` may be retried.
    func open(after cursor: String?) async throws(StoreError) -> BucketEventStream
}

/// An open stream of events.
package struct BucketEventStream: Sendable {
    /// Whether it goes on exactly where the cursor was, so that nothing was lost in between.
    package let resumes: Bool
    /// A batch, perhaps without events, comes at least so often from a source that lives; nil if it is silent when
    /// nothing happens.
    package let heartbeat: Duration?
    /// Ends when the source ends it; throws `StoreError`. Dropping the iterator ends the subscription.
    package let batches: ChunkStream<BucketEventBatch>

    package init(resumes: Bool, heartbeat: Duration?, batches: ChunkStream<BucketEventBatch>) {
        self.resumes = resumes
        self.heartbeat = heartbeat
        self.batches = batches
    }
}
