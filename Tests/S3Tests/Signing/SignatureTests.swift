import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import ObjectStorage
import S3
import Testing

@Suite struct `Signatures` {
    /// Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example GET Object.
    @Test func `in headers are those of Amazon's example`() async throws {
        let transport = ScriptedTransport([.text(200, "0123456789", headers: [.contentRange: "bytes 0-9/100"])])
        let store = try scriptedStore(transport, endpoint: "https://s3.amazonaws.com", bucket: "examplebucket")
        _ = try await store.get(key("test.txt"), options: GetOptions(range: 0..<10))
        let sent = try #require(transport.sent.first)
        #expect(sent.head.authority == "examplebucket.s3.amazonaws.com")
        #expect(sent.path == "/test.txt")
        #expect(
            sent.header("authorization")
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    /// Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
    @Test func `in URLs are those of Amazon's example`() async throws {
        let store = try scriptedStore(
            ScriptedTransport([]), endpoint: "https://s3.amazonaws.com", bucket: "examplebucket")
        let url = try await store.presignedURL(for: key("test.txt"), lifetime: .seconds(86_400))
        #expect(
            url.reveal()
                == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test(arguments: [Duration.seconds(0), .seconds(-1), .seconds(604_801)])
    func `in URLs live a second to a week`(lifetime: Duration) async throws {
        let store = try scriptedStore(ScriptedTransport([]))
        try await failure(.invalid) { try await store.presignedURL(for: key("k"), lifetime: lifetime) }
        try await failure(.invalid) { try await store.presignedUpload(to: key("k"), lifetime: lifetime) }
    }

    @Test func `carry the session token and the digests of what is sent`() async throws {
        let credentials = S3Credentials(
            accessKey: "A", secretKey: Secret("S"), sessionToken: Secret("the-token"))
        let transport = ScriptedTransport([.text(200, "", headers: [.eTag: "\"5d41402abc4b2a76b9719d911017c592\""])])
        let store = try scriptedStore(transport, credentials: credentials)
        _ = try await store.put(ByteBuffer(string: "hello"), at: key("k"), options: PutOptions())
        let sent = try #require(transport.sent.first)
        #expect(sent.header("x-amz-security-token") == "the-token")
        #expect(sent.header("content-md5") == "XUFAKrxLKna5cZ2REBfFkg==")
        #expect(
            sent.header("x-amz-content-sha256") == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        let authorization = try #require(sent.header("authorization"))
        #expect(
            authorization.contains(
                "SignedHeaders=content-md5;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"))
        #expect(!authorization.contains("the-token"))
    }

    @Test func `leave the body out where TLS proves it`() async throws {
        let transport = ScriptedTransport([.text(200, "")])
        let store = try scriptedStore(transport, endpoint: "https://store.example")
        _ = try await store.put(ByteBuffer(string: "hello"), at: key("k"), options: PutOptions())
        #expect(transport.sent.first?.header("x-amz-content-sha256") == "UNSIGNED-PAYLOAD")
        #expect(transport.sent.first?.header("content-md5") == "XUFAKrxLKna5cZ2REBfFkg==")
    }

    @Test func `leave a long body out where its signed digest proves it, unless the store wants it in`() async throws {
        let refusal = ScriptedTransport.Answer.refusal(400, "XAmzContentSHA256Mismatch")
        let transport = ScriptedTransport([.text(200, ""), refusal, .text(200, ""), .text(200, "")])
        let store = try scriptedStore(transport)
        for _ in 0..<3 { _ = try await store.put(patternBytes(1 << 20), at: key("k"), options: PutOptions()) }
        let hashes = transport.sent.map { $0.header("x-amz-content-sha256") ?? "" }
        #expect(hashes.prefix(2) == ["UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"])
        #expect(hashes.dropFirst(2).allSatisfy { $0.utf8.count == 64 })
        #expect(transport.sent.allSatisfy { $0.header("authorization")?.contains("content-md5;") == true })
    }

    @Test func `change with the day`() async throws {
        let day = ManualDay()
        let transport = ScriptedTransport { _ in .text(200, "") }
        let store = try scriptedStore(transport, clock: WallClock { day.now })
        for _ in 0..<2 {
            _ = try await store.put(ByteBuffer(string: "x"), at: key("k"), options: PutOptions())
            day.next()
        }
        let scopes = transport.sent.compactMap { $0.header("authorization")?.split(separator: "/").dropFirst().first }
        #expect(scopes == ["20130524", "20130525"])
    }

    /// The server of the tests checks signatures by code of its own, written from the same page.
    @Test func `of every kind of request are accepted by a second implementation`() async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket", isVersioned: true)
            try await withTestStore(server) { store in
                var options = PutOptions(contentType: "text/plain", metadata: ["a": "  two  blanks "])
                options.tags = ["key one": "value/+&="]
                let odd = try key("sp ace/plus+/%2F/ünï/q?h#&=;")
                let written = try await store.put(ByteBuffer(string: "hello"), at: odd, options: options)
                let read = try await store.get(odd, options: GetOptions(range: 1..<3, versionID: written.versionID))
                #expect(read.info.size == 5)
                _ = try await store.list(ListRequest(prefix: "sp ace/plus+/", delimiter: "/"))
                #expect(try await store.delete([odd]).isEmpty)
            }
            #expect(server.requests == 4)
        }
    }
}

private final class ManualDay: Sendable {
    private let days = Counter()

    var now: Timestamp { exampleTime + .seconds(86_400) * days.value }

    func next() { days.add() }
}
