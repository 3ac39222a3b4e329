import Basics
import NIOCore
import ObjectStorage
import S3
import Testing

@Suite struct `Notifications that are posted` {
    private func event(_ name: String, _ key: String, bucket: String = "bucket") -> String {
        #"{"eventName":"\#(name)","eventTime":"2026-11-26T06:00:00.000Z","s3":{"bucket":{"name":"\#(bucket)"},"#
            + #""object":{"key":"\#(key)","sequencer":"17A4"}}}"#
    }

    /// What one notification tells.
    private func read(_ text: String, prefix: String = "") async throws -> BucketEventBatch? {
        let inbox = NotificationInbox(name: "test", bucket: "bucket", prefix: prefix)
        guard inbox.put(ByteBuffer(string: text)) != .full else { return nil }
        // One more, so that there is something to be taken if the first tells nothing.
        _ = inbox.put(ByteBuffer(string: #"{"Records":[\#(event("ObjectCreated:Put", prefix + "last"))]}"#))
        var iterator = try await inbox.open(after: nil).batches.makeAsyncIterator()
        var batch = try await iterator.next()
        #expect(batch?.events.popLast()?.key.text == "last")
        return batch
    }

    @Test(arguments: [
        // MinIO's webhook.
        #"{"EventName":"s3:ObjectCreated:Put","Key":"bucket/a","Records":[{"eventName":"s3:ObjectCreated:Put","#
            + #""s3":{"bucket":{"name":"bucket"},"object":{"key":"a+b%2Fgr%C3%B6%C3%9Fe%2B"}}}]}"#,
        // Amazon's.
        #"{"Records":[{"eventVersion":"2.2","eventSource":"aws:s3","awsRegion":"eu-central-1","eventName":"ObjectCreated:Put","#
            + #""s3":{"bucket":{"name":"bucket"},"object":{"key":"a+b%2Fgr%C3%B6%C3%9Fe%2B","size":1}}}]}"#,
        // Wrapped by SNS.
        #"{"Type":"Notification","TopicArn":"arn:aws:sns:eu-central-1:1:t","Message":"{\"Records\":[{\"eventName\":"#
            + #"\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"bucket\"},\"object\":{\"key\":"#
            + #"\"a+b%2Fgr%C3%B6%C3%9Fe%2B\"}}}]}"}"#,
        // EventBridge's, whose keys are plain.
        #"{"version":"0","detail-type":"Object Created","source":"aws.s3","time":"2026-11-26T06:00:00Z","#
            + #""detail":{"bucket":{"name":"bucket"},"object":{"key":"a b/größe+"},"reason":"PutObject"}}"#,
    ])
    func `are read in all their forms`(text: String) async throws {
        let batch = try await read(text)
        #expect(batch?.events.map(\.key.text) == ["a b/größe+"])
        #expect(batch?.events.first?.kind == .written)
        #expect(batch?.lostSome == false)
    }

    @Test func `tell of one bucket and of keys with the prefix, without it`() async throws {
        let text =
            #"{"Records":[\#(event("s3:ObjectRemoved:Delete", "p%2Fone")),\#(event("ObjectCreated:Put", "other")),"#
            + #"\#(event("ObjectCreated:Put", "p%2Ftwo", bucket: "another")),\#(event("s3:ObjectAccessed:Get", "p%2Fx"))]}"#
        let batch = try await read(text, prefix: "p/")
        #expect(batch?.events.map(\.key.text) == ["one"])
        #expect(batch?.events.map(\.kind) == [.removed])
        #expect(batch?.lostSome == false)
    }

    @Test(arguments: [
        "", "nonsense", "{}", "[]", "{\"Records\":[{}]}", "{\"Records\":3}",
        #"{"Type":"Notification","Message":"{\"Type\":\"Notification\",\"Message\":\"{}\"}"}"#,
        #"{"source":"aws.s3","detail-type":"Object Created"}"#, String(repeating: "[", count: 100_000),
        #"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"bucket"},"object":{"key":"%zz"}}}]}"#,
    ])
    func `that cannot be read are a loss`(text: String) async throws {
        let batch = try await read(text)
        #expect(batch?.lostSome == true)
        #expect(batch?.events.isEmpty == true)
    }

    @Test func `say nothing when Amazon tests the way`() async throws {
        let text = #"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"bucket"}"#
        let batch = try await read(text)
        #expect(batch == BucketEventBatch())
    }

    @Test func `wait in bounds, and are taken in the order they came`() async throws {
        let inbox = NotificationInbox(name: "test", bucket: "bucket")
        var number = 0
        var reply = NotificationInbox.Reply.taken
        while reply == .taken {
            let events = (number..<number + 100).map { event("ObjectCreated:Put", "\($0)") }
            reply = inbox.put(ByteBuffer(string: #"{"Records":[\#(events.joined(separator: ","))]}"#))
            if reply == .taken { number += 100 }
        }
        #expect(reply == .full)
        #expect(number == NotificationInbox.capacity)
        var iterator = try await inbox.open(after: nil).batches.makeAsyncIterator()
        let batch = try await iterator.next()
        #expect(batch?.events.map(\.key.text) == (0..<number).map { "\($0)" })
        #expect(inbox.put(ByteBuffer(string: #"{"Records":[\#(event("ObjectCreated:Put", "x"))]}"#)) == .taken)
        let next = try await iterator.next()
        #expect(next?.events.map(\.key.text) == ["x"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `open the stream when the first has come, and end with the task`() async throws {
        let inbox = NotificationInbox(name: "test", bucket: "bucket")
        let opened = Counter()
        let task = Task {
            let stream = try await inbox.open(after: nil)
            opened.add()
            var keys: [String] = []
            for try await batch in stream.batches { keys += batch.events.map(\.key.text) }
            return keys
        }
        // Nobody waits any longer for a stream that is not wanted.
        let other = Task { try await inbox.open(after: nil) }
        other.cancel()
        await #expect(throws: StoreError.self) { _ = try await other.value }
        #expect(opened.value == 0)
        #expect(inbox.put(ByteBuffer(string: #"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#)) == .taken)
        while opened.value == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: StoreError.self) { _ = try await task.value }
    }
}
