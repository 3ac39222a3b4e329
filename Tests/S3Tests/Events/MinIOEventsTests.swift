import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Testing
import Transport

@Suite struct `MinIO's stream of events` {
    private func source(_ transport: any HTTPTransport) throws -> MinIOEvents {
        let configuration = S3Configuration(
            bucket: "bucket", endpoint: "http://store.example:9000", credentials: exampleCredentials)
        return try MinIOEvents(configuration, transport: transport, clock: WallClock { exampleTime })
    }

    /// All that a stream of these pieces tells.
    private func batches(_ pieces: [String], type: String = "text/event-stream") async throws -> [BucketEventBatch] {
        let transport = ScriptedTransport([.pieces(status: 200, headers: [.contentType: type], pieces)])
        let stream = try await source(transport).open(after: nil)
        var batches: [BucketEventBatch] = []
        for try await batch in stream.batches { batches.append(batch) }
        return batches
    }

    private func event(_ name: String, _ key: String, bucket: String = "bucket") -> String {
        #"{"Records":[{"eventName":"\#(name)","eventTime":"2026-11-26T06:00:00.5Z","s3":{"bucket":{"name":"\#(bucket)"},"#
            + #""object":{"key":"\#(key)","sequencer":"17A4"}}}]}"# + "\n"
    }

    @Test func `is asked for as MinIO's own client asks`() async throws {
        let transport = ScriptedTransport([.pieces(status: 200, headers: [.contentType: "text/event-stream"], [])])
        let source = try source(transport)
        let stream = try await source.open(after: nil)
        #expect(source.name == "store.example:9000")
        #expect(!stream.resumes && stream.heartbeat == .seconds(10))
        #expect(
            transport.sent.first?.path
                == "/bucket?events=s3%3ALifecycleDelMarkerExpiration%3ADelete&events=s3%3AObjectCreated%3A%2A"
                + "&events=s3%3AObjectRemoved%3A%2A&ping=10&prefix=&suffix=")
    }

    @Test func `tells what happened to which key`() async throws {
        let names = [
            ("s3:ObjectCreated:Put", BucketEvent.Kind.written), ("s3:ObjectCreated:CompleteMultipartUpload", .written),
            ("ObjectCreated:Copy", .written), ("s3:ObjectCreated:PutTagging", .annotated),
            ("s3:ObjectRemoved:Delete", .removed), ("s3:ObjectRemoved:DeleteMarkerCreated", .removed),
            ("s3:LifecycleDelMarkerExpiration:Delete", .removed),
        ]
        let found = try await batches(names.map { event($0.0, "a b/%2F+é\\u00e9\\ud83d\\udc26") })
        #expect(found.flatMap(\.events).map(\.kind) == names.map(\.1))
        let first = try #require(found.first?.events.first)
        #expect(try first.key == key("a b/%2F+é\u{E9}\u{1F426}"))
        #expect(first.sequencer == "17A4" && first.time == Timestamp("2026-11-26T06:00:00.5Z"))
        #expect(found.allSatisfy { !$0.lostSome })
    }

    @Test func `is cut anywhere, and a line at a time is read`() async throws {
        let text =
            event("s3:ObjectCreated:Put", "one") + "{\"Records\":null}\n" + event("s3:ObjectRemoved:Delete", "two")
        for size in [1, 7, 100, 10_000] {
            let bytes = Array(text.utf8)
            let pieces = stride(from: 0, to: bytes.count, by: size).map { start in
                String(decoding: bytes[start..<min(start + size, bytes.count)], as: UTF8.self)
            }
            let found = try await batches(pieces)
            #expect(found.flatMap(\.events).map(\.key.text) == ["one", "two"])
            #expect(found.count == pieces.count)
        }
    }

    @Test func `keeps no blanks, other buckets' events, or events of nothing`() async throws {
        let found = try await batches([
            String(repeating: " ", count: 100_000), event("s3:ObjectCreated:Put", "k"),
            event("s3:ObjectCreated:Put", "k", bucket: "other"), event("s3:ObjectAccessed:Get", "k"),
            event("s3:BucketCreated:*", "k"), "\n\r\n",
        ])
        #expect(found.flatMap(\.events).count == 1)
        #expect(found.allSatisfy { !$0.lostSome })
    }

    @Test(arguments: [
        String(repeating: "x", count: 5 << 20) + "\n", "{\"Records\":[{}]}\n", "{}\n", "{\"Records\":[\n", "nonsense\n",
        String(repeating: "[", count: 1000) + "\n",
    ])
    func `says that something is lost where a line cannot be read, and goes on`(line: String) async throws {
        let found = try await batches([line, event("s3:ObjectCreated:Put", "after")])
        #expect(found.contains { $0.lostSome })
        #expect(found.last?.events.map(\.key.text) == ["after"])
    }

    @Test func `is not what other stores answer`() async throws {
        let listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
        try await failure(.unsupported) { try await batches([listing], type: "application/xml") }
        let refusing = ScriptedTransport { _ in .refusal(403, "AccessDenied") }
        try await failure(.forbidden) { try await source(refusing).open(after: nil) }
        let old = ScriptedTransport([
            .refusal(400, "InvalidArgument", message: "A specified event is not supported for notifications."),
            .pieces(status: 200, headers: [.contentType: "text/event-stream"], []),
        ])
        _ = try await source(old).open(after: nil)
        #expect(old.sent.last?.path.contains("Lifecycle") == false)
    }

    @Test func `comes over a real connection, with losses, repeats and ends as planned`() async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket")
            try await withNetworkTransport { transport in
                let source = try MinIOEvents(
                    .toTestServer(server, bucket: "bucket"), prefix: "a/", transport: transport, clock: .ofTheMachine)
                let stream = try await source.open(after: nil)
                var iterator = stream.batches.makeAsyncIterator()
                server.put(ByteBuffer(string: "x"), at: try key("b/not asked for"), in: "bucket")
                server.put(ByteBuffer(string: "x"), at: try key("a/1"), in: "bucket")
                let found1 = try await iterator.next()?.events.map(\.key.text)
                #expect(found1 == ["1"])
                server.setEventFaults(S3EventFaults { $0.dropPerMille = 1000 })
                server.put(ByteBuffer(string: "x"), at: try key("a/2"), in: "bucket")
                server.setEventFaults(S3EventFaults { $0.repeatPerMille = 1000 })
                server.delete(try key("a/1"), in: "bucket")
                var told: [BucketEvent] = []
                while told.count < 2, let batch = try await iterator.next() { told += batch.events }
                #expect(told.map(\.kind) == [.removed, .removed] && told.map(\.key.text) == ["1", "1"])
                #expect(server.droppedEvents == 1)
                await server.endStreams()
                let found2 = try await iterator.next()
                #expect(found2 == nil)
                server.setListenUnsupported(true)
                try await failure(.unsupported) { try await source.open(after: nil) }
            }
        }
    }

    @Test func `that is cut ends in an error`() async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket")
            try await withNetworkTransport { transport in
                let source = try MinIOEvents(
                    .toTestServer(server, bucket: "bucket"), transport: transport, clock: .ofTheMachine)
                let stream = try await source.open(after: nil)
                await server.cutConnections()
                try await failure(.unavailable) { for try await _ in stream.batches {} }
                await server.goDown()
                try await failure(.unavailable) { try await source.open(after: nil) }
                try await server.comeUp()
                let again = try await source.open(after: nil)
                // Whoever drops a stream stops listening.
                withExtendedLifetime(again) { #expect(server.listeners == 1) }
            }
        }
    }
}
