import Basics
package import NIOCore
package import ObjectStorage
import Synchronization

/// Notifications that somebody else takes in, for example over HTTP, and puts in here: the events of one bucket.
///
/// What is put in waits in memory, `capacity` events at most, until the one who follows takes it. Nobody can tell a sender that
/// has nothing to say from one that was never set up, so the stream opens only when the first notification has come; until
/// then whoever follows knows that it has no events.
package final class NotificationInbox: BucketEventSource {
    package enum Reply: Sendable, Hashable {
        /// It will be looked at, or needs no look.
        case taken
        /// Too much is waiting: the sender should try again later.
        case full
        /// Nobody can read it. Whoever follows is told that something was lost.
        case unreadable
    }

    /// A key is at most 1 KiB: 20 MiB at the very most.
    package static let capacity = 20_000

    package let name: String
    private let notification: EventNotification
    private struct State {
        var batch = BucketEventBatch()
        /// Something has come, ever.
        var hasArrived = false
        /// Something has come since `next` looked last.
        var hasNews = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: for people and metrics.
    ///   - bucket: events of others are passed over.
    ///   - prefix: of the keys that are of interest; they are told without it.
    package init(name: String, bucket: String, prefix: String = "") {
        self.name = name
        notification = EventNotification(bucket: bucket, prefix: prefix)
    }

    /// Takes in one notification, of any size that the caller has let in. Does not wait.
    package func put(_ bytes: ByteBuffer) -> Reply {
        let batch = notification.read(Array(bytes.readableBytesView)[...])
        let (reply, waiting) = state.withLock { state -> (Reply, CheckedContinuation<Void, Never>?) in
            guard state.batch.events.count + batch.events.count <= NotificationInbox.capacity else {
                return (.full, nil)
            }
            state.batch.events += batch.events
            state.batch.lostSome = state.batch.lostSome || batch.lostSome
            state.hasArrived = true
            state.hasNews = true
            defer { state.waiting = nil }
            return (batch.lostSome && batch.events.isEmpty ? .unreadable : .taken, state.waiting)
        }
        waiting?.resume()
        return reply
    }

    /// Waits for the first notification. For one follower at a time.
    package func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        while !state.withLock({ $0.hasArrived }) {  // Ends with the first, or with the task.
            await arrival()
            if Task.isCancelled { throw StoreError(.cancelled, "waiting for notifications to \(name) was cancelled") }
        }
        return BucketEventStream(
            resumes: false, heartbeat: nil, batches: ChunkStream<BucketEventBatch> { { try await self.next() } })
    }

    private func next() async throws -> BucketEventBatch? {
        while true {  // Ends with the next notification, or with the task.
            let batch = state.withLock { state in
                defer { state.batch = BucketEventBatch() }
                state.hasNews = false
                return state.batch
            }
            if !batch.events.isEmpty || batch.lostSome { return batch }
            if Task.isCancelled { throw StoreError(.cancelled, "waiting for notifications to \(name) was cancelled") }
            await arrival()
        }
    }

    /// Returns when something has come since the last look, or when the task is cancelled.
    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.hasNews || Task.isCancelled { return true }
                    state.waiting = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume()
        }
    }
}
