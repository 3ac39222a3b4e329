package import Basics
import HTTPTypes
import NIOCore
package import ObjectStorage
package import Transport

/// The events of one bucket as MinIO's listen request tells them: at most once, from the moment of the request on, without
/// replay. Server and network drop events without a word; see `BucketEventSource`.
///
/// Other stores answer the same request with a listing, which is told by its type, and counts as `.unsupported`.
package struct MinIOEvents: BucketEventSource {
    package let name: String
    private let client: S3Client
    private let prefix: String

    /// The server gives a sign of life so often; three missing ones end the stream.
    package static let heartbeat = Duration.seconds(10)

    /// - Parameters:
    ///   - prefix: of the keys that are of interest; they are told without it, as a `PrefixStore` has them.
    ///   - transport: one whose connections are not needed for anything else: a stream holds one for as long as it lasts.
    /// - Throws: `.invalid` for an impossible endpoint or bucket name.
    package init(
        _ configuration: S3Configuration, prefix: String = "", transport: any HTTPTransport, clock: WallClock
    ) throws(StoreError) {
        client = try S3Client(configuration, transport: transport, clock: clock)
        name = client.authority
        self.prefix = prefix
    }

    package func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        let response: TransportResponse
        do throws(StoreError) {
            response = try await listen(["s3:LifecycleDelMarkerExpiration:Delete"])
        } catch {
            // Older servers do not know that event, and refuse the whole request.
            guard error.code == .invalid else { throw error }
            response = try await listen([])
        }
        let type = response.head.headerFields[.contentType]?.lowercased() ?? ""
        guard !type.contains("xml"), !type.contains("html") else {
            throw StoreError(.unsupported, "\(client.location): this store has no stream of events (only MinIO has)")
        }
        let doing = "listening to \(client.location)"
        let empty = ListenLines(bucket: client.configuration.bucket, prefix: prefix)
        let body = response.body
        let batches = ChunkStream<BucketEventBatch> {
            var iterator = body.makeAsyncIterator()
            var lines = empty
            return {
                let chunk: ByteBuffer?
                do {
                    chunk = try await iterator.next()
                } catch {
                    throw StoreError(transfer: error, doing)
                }
                return chunk.map { lines.feed($0) }
            }
        }
        return BucketEventStream(resumes: false, heartbeat: MinIOEvents.heartbeat, batches: batches)
    }

    private func listen(_ further: [String]) async throws(StoreError) -> TransportResponse {
        var request = S3Request(
            .get,
            query: [
                ("prefix", prefix), ("suffix", ""), ("ping", "\(MinIOEvents.heartbeat.components.seconds)"),
            ])
        for event in ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] + further { request.query.add("events", event) }
        // Some servers send the head of the answer with the first sign of life only.
        request.timeout = MinIOEvents.heartbeat * 3
        request.idleTimeout = MinIOEvents.heartbeat * 3
        return try await client.send(request)
    }
}
