package import Basics
package import ObjectStorage
package import Transport

/// The events of one bucket from a queue of Amazon SQS that the bucket, SNS or EventBridge writes to: at least once, in no
/// order, kept by the queue while nobody listens.
///
/// A message is deleted once whoever follows has taken its events and asks for more. One queue for one follower: two of them
/// would each get a part. Messages about other buckets, and those that nobody can read, are deleted as well; the latter are
/// told as `lostSome`.
package struct QueueEvents: BucketEventSource {
    package let name: String
    private let client: QueueClient
    private let notification: EventNotification

    /// How long one request waits for messages; an answer without any is the sign of life. Source: Amazon SQS Developer Guide,
    /// "Long polling": at most 20.
    package static let patience = Duration.seconds(20)

    /// - Parameters:
    ///   - queue: which queue, and the keys to it.
    ///   - prefix: of the keys that are of interest; they are told without it.
    ///   - transport: one whose connections are not needed for anything else: a request holds one for `patience`.
    /// - Throws: `.invalid` for a text that is no URL of a queue.
    package init(
        _ queue: QueueConfiguration, bucket: String, prefix: String = "", transport: any HTTPTransport, clock: WallClock
    ) throws(StoreError) {
        client = try QueueClient(queue, transport: transport, clock: clock)
        name = client.name
        notification = EventNotification(bucket: bucket, prefix: prefix)
    }

    package func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        let first = try await client.receive(waiting: .zero)
        let (client, notification) = (client, notification)
        let batches = ChunkStream<BucketEventBatch> {
            var messages: [QueueMessage]? = first
            var isTold = false
            return {
                if isTold, let taken = messages {
                    try await client.delete(taken)
                    messages = nil
                }
                let received: [QueueMessage]
                if let known = messages {
                    received = known
                } else {
                    received = try await client.receive(waiting: QueueEvents.patience)
                }
                messages = received
                isTold = true
                return QueueEvents.batch(received, notification)
            }
        }
        // What is told while nobody listens stays in the queue.
        return BucketEventStream(resumes: true, heartbeat: QueueEvents.patience, batches: batches)
    }

    private static func batch(_ messages: [QueueMessage], _ notification: EventNotification) -> BucketEventBatch {
        var whole = BucketEventBatch()
        for message in messages {
            let batch = notification.read(Array(message.body.utf8)[...])
            whole.events += batch.events
            whole.lostSome = whole.lostSome || batch.lostSome
        }
        return whole
    }
}

/// Which queue, and who asks.
package struct QueueConfiguration: Sendable {
    /// As Amazon gives it: `https://sqs.eu-central-1.amazonaws.com/123456789012/events`.
    package var url: String
    /// Nil for the one in the URL's host, else `us-east-1`.
    package var region: String?
    package var credentials: any S3CredentialsSource

    package init(url: String, region: String? = nil, credentials: any S3CredentialsSource) {
        self.url = url
        self.region = region
        self.credentials = credentials
    }
}
