import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Testing
import Transport

@Suite struct `Events from a queue` {
    private static let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/events"

    private func source(
        _ transport: any HTTPTransport, url: String = url, region: String? = nil
    ) throws -> QueueEvents {
        try QueueEvents(
            QueueConfiguration(url: url, region: region, credentials: exampleCredentials), bucket: "bucket",
            transport: transport, clock: WallClock { exampleTime })
    }

    private func message(_ number: Int, _ key: String) -> String {
        #"{"MessageId":"m\#(number)","ReceiptHandle":"receipt \"\#(number)\"","Body":"{\"Records\":[{\"eventName\":"#
            + #"\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"bucket\"},\"object\":{\"key\":\"\#(key)\"}}}]}"}"#
    }

    @Test func `are asked for with a signature, waited for, and deleted when they are taken`() async throws {
        let transport = ScriptedTransport([
            .text(200, #"{"Messages":[\#(message(1, "a")),\#(message(2, "b%2Fc"))]}"#),
            .text(200, #"{"Successful":[]}"#),
            .text(200, "{}"), .text(200, #"{"Messages":[\#(message(3, "d"))]}"#),
        ])
        let source = try source(transport)
        #expect(source.name == "sqs.eu-central-1.amazonaws.com/events")
        let stream = try await source.open(after: nil)
        #expect(stream.resumes && stream.heartbeat == .seconds(20))
        var iterator = stream.batches.makeAsyncIterator()
        let first = try await iterator.next()
        #expect(first?.events.map(\.key.text) == ["a", "b/c"])
        // Not before somebody has them.
        #expect(transport.sent.count == 1)
        let second = try await iterator.next()
        #expect(second == BucketEventBatch())
        let third = try await iterator.next()
        #expect(third?.events.map(\.key.text) == ["d"])
        #expect(
            transport.sent.map { $0.header("x-amz-target") } == [
                "AmazonSQS.ReceiveMessage", "AmazonSQS.DeleteMessageBatch", "AmazonSQS.ReceiveMessage",
                "AmazonSQS.ReceiveMessage",
            ])
        #expect(
            transport.sent.map(\.bodyText) == [
                #"{"QueueUrl":"\#(Self.url)","MaxNumberOfMessages":10,"WaitTimeSeconds":0}"#,
                #"{"QueueUrl":"\#(Self.url)","Entries":[{"Id":"0","ReceiptHandle":"receipt \"1\""},"#
                    + #"{"Id":"1","ReceiptHandle":"receipt \"2\""}]}"#,
                #"{"QueueUrl":"\#(Self.url)","MaxNumberOfMessages":10,"WaitTimeSeconds":20}"#,
                #"{"QueueUrl":"\#(Self.url)","MaxNumberOfMessages":10,"WaitTimeSeconds":20}"#,
            ])
        for sent in transport.sent {
            #expect(sent.head.method == .post && sent.path == "/")
            #expect(sent.head.authority == "sqs.eu-central-1.amazonaws.com")
            #expect(sent.header("content-type") == "application/x-amz-json-1.0")
            let authorization = sent.header("authorization") ?? ""
            #expect(
                authorization.hasPrefix(
                    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/eu-central-1/sqs/aws4_request, "))
        }
    }

    @Test func `that nobody can read are deleted too, and told as a loss`() async throws {
        let odd = #"{"Messages":[{"ReceiptHandle":"r","Body":"nonsense"}]}"#
        let transport = ScriptedTransport([.text(200, odd), .text(200, "{}"), .text(200, "{}")])
        var iterator = try await source(transport).open(after: nil).batches.makeAsyncIterator()
        let first = try await iterator.next()
        #expect(first == BucketEventBatch(lostSome: true))
        let second = try await iterator.next()
        #expect(second == BucketEventBatch())
        #expect(transport.sent[1].bodyText.contains(#""ReceiptHandle":"r""#))
    }

    @Test(arguments: [
        (400, "com.amazonaws.sqs#QueueDoesNotExist", StoreError.Code.notFound),
        (403, "AccessDeniedException", .forbidden),
        (403, "InvalidClientTokenId", .unauthorized),
        (403, "com.amazon.coral.service#ExpiredTokenException", .unauthorized),
        (400, "RequestThrottled", .throttled), (503, "", .throttled), (500, "InternalFailure", .unavailable),
        (400, "InvalidParameterValue", .invalid),
    ])
    func `are refused with the reason`(status: Int, type: String, code: StoreError.Code) async throws {
        let transport = ScriptedTransport { _ in .text(status, #"{"__type":"\#(type)","message":"no\nway"}"#) }
        try await failure(code) { try await source(transport).open(after: nil) }
        let cut = ScriptedTransport { _ in .text(200, #"{"Messages":["#) }
        try await failure(.unavailable) { try await source(cut).open(after: nil) }
    }

    @Test(
        arguments: [
            ("https://sqs.us-west-2.amazonaws.com/1/q", nil, "us-west-2"),
            ("https://eu-west-1.queue.amazonaws.com/1/q", nil, "eu-west-1"),
            ("http://elasticmq:9324/000000000000/q", nil, "us-east-1"), ("http://127.0.0.1:1/1/q", "garage", "garage"),
        ] as [(String, String?, String)])
    func `are signed for the region of the queue`(url: String, region: String?, expected: String) async throws {
        let transport = ScriptedTransport { _ in .text(200, "{}") }
        _ = try await source(transport, url: url, region: region).open(after: nil)
        #expect(transport.sent.first?.header("authorization")?.contains("/20130524/\(expected)/sqs/") == true)
    }

    @Test(arguments: [
        "", "events", "sqs://host/1/q", "https://host", "https://user:key@host/1/q", "https://host/1/q\"x",
    ])
    func `need the URL of a queue`(url: String) {
        #expect(throws: StoreError.self) { try source(ScriptedTransport([]), url: url) }
    }

    @Test(.needs(.moto), .timeLimit(.minutes(2)))
    func `come from a real bucket through a real queue, and are gone when they are taken`() async throws {
        let endpoint = try TestServers.address(of: .moto)
        try await withNetworkTransport { transport in
            let bucket = try await NotifyingBucket.make(endpoint, transport)
            let source = try bucket.events(transport)
            let stream = try await source.open(after: nil)
            for name in ["a b/größe+%2F", "plain"] {
                _ = try await bucket.store.put(ByteBuffer(string: name), at: key(name), options: PutOptions())
            }
            _ = try await bucket.store.delete([key("plain")])
            var told: [BucketEvent] = []
            var iterator = stream.batches.makeAsyncIterator()
            while told.count < 3, let batch = try await iterator.next() {
                #expect(!batch.lostSome)
                told += batch.events
            }
            #expect(Set(told.map(\.key.text)) == ["a b/größe+%2F", "plain"])
            #expect(told.filter { $0.kind == .removed }.map(\.key.text) == ["plain"])
            // What was taken is deleted with the next request; a second follower gets what came since.
            _ = try await bucket.store.put(ByteBuffer(string: "x"), at: key("later"), options: PutOptions())
            let last = try await iterator.next()
            #expect(last?.events.map(\.key.text) == ["later"])
            try await bucket.remove()
        }
    }
}

/// A bucket of moto that writes its events into a queue of moto.
private struct NotifyingBucket: Sendable {
    let store: S3ObjectStore
    private let name: String
    private let endpoint: String
    private let transport: NetworkTransport

    static func make(_ endpoint: String, _ transport: NetworkTransport) async throws -> NotifyingBucket {
        var random = SystemRandomNumberGenerator()
        let name = "martlet-queue-\(random.next())"
        var configuration = S3Configuration(bucket: name, endpoint: endpoint, credentials: exampleCredentials)
        configuration.addressing = .path
        let store = try S3ObjectStore(configuration, transport: transport, clock: .ofTheMachine)
        let bucket = NotifyingBucket(store: store, name: name, endpoint: endpoint, transport: transport)
        try await store.createBucket()
        try await bucket.send("sqs", .post, "/", "Action=CreateQueue&QueueName=\(name)&Version=2012-11-05")
        let queue = "<Queue>arn:aws:sqs:us-east-1:123456789012:\(name)</Queue>"
        let events = "<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>"
        try await bucket.send(
            "s3", .put, "/\(name)?notification",
            "<NotificationConfiguration><QueueConfiguration><Id>1</Id>\(queue)\(events)</QueueConfiguration>"
                + "</NotificationConfiguration>")
        return bucket
    }

    func events(_ transport: NetworkTransport) throws -> QueueEvents {
        try QueueEvents(
            QueueConfiguration(url: "\(endpoint)/123456789012/\(name)", credentials: exampleCredentials), bucket: name,
            transport: transport, clock: .ofTheMachine)
    }

    func remove() async throws {
        for try await object in store.objects() { _ = try await store.delete([object.key]) }
        try await store.deleteBucket()
        try await send(
            "sqs", .post, "/",
            "Action=DeleteQueue&Version=2012-11-05&QueueUrl=" + "\(endpoint)/123456789012/\(name)".encodedForQuery)
    }

    /// moto believes any signature; it reads from it which service is meant.
    private func send(
        _ service: String, _ method: HTTPRequest.Method, _ path: String, _ body: String = ""
    ) async throws {
        var head = HTTPRequest(
            method: method, scheme: "http", authority: String(endpoint.dropFirst("http://".count)), path: path)
        if service == "sqs" { head.headerFields[.contentType] = "application/x-www-form-urlencoded" }
        head.headerFields[.authorization] =
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/\(service)/aws4_request, SignedHeaders=host, Signature=0"
        let response = try await transport.send(TransportRequest(head: head, body: .bytes(ByteBuffer(string: body))))
        var text = ""
        for try await chunk in response.body { text += String(buffer: chunk) }
        try #require(response.head.status.code == 200, "\(text)")
    }
}

extension String {
    fileprivate var encodedForQuery: String { PercentEncoding.encode(self) }
}
