import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import ObjectStorage
import S3
import Testing
import Transport

@Suite struct `Odd answers of a store` {
    private func get(_ transport: ScriptedTransport) async throws -> ObjectInfo {
        try await scriptedStore(transport).head(key("k"))
    }

    @Test func `that carry an error in a success are errors`() async throws {
        let begun = ScriptedTransport.Answer.text(
            200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        let transport = ScriptedTransport([
            begun, .text(200, "", headers: [.eTag: "\"a\""]),
            .pieces(status: 200, ["  \n", "<Error><Code>InternalError</Code><Message>try again</Message></Error>"]),
        ])
        let store = try scriptedStore(transport)
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        let part = try await upload.upload(ByteBuffer(string: "x"), as: 1)
        try await failure(.unavailable) { try await upload.complete([part]) }
        #expect(transport.unused == 0)

        let copying = ScriptedTransport([.refusal(200, "SlowDown")])
        let request = CopyRequest(source: try key("a"), target: try key("b"))
        try await failure(.throttled) { try await scriptedStore(copying).features.copy(request) }
    }

    @Test func `that ask to slow down say for how long`() async throws {
        for (value, pause) in [("7", Duration.seconds(7)), ("0", .zero)] {
            let transport = ScriptedTransport([.refusal(503, "SlowDown", headers: [.retryAfter: value])])
            let error = try await failure(.throttled) {
                try await scriptedStore(transport).read(key("k"), limit: .mebibytes(1))
            }
            #expect(error.retryAfter == pause)
        }
        let dated = ScriptedTransport([
            .refusal(503, "SlowDown", headers: [.retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"])
        ])
        let error = try await failure(.throttled) {
            try await scriptedStore(dated).read(key("k"), limit: .mebibytes(1))
        }
        #expect(error.retryAfter == nil)
    }

    @Test(arguments: [
        ScriptedTransport.Answer.refusal(301, "PermanentRedirect", extra: "<Region>eu-north-1</Region>"),
        .refusal(400, "AuthorizationHeaderMalformed", extra: "<Region>eu-north-1</Region>"),
        .refusal(307, "TemporaryRedirect", headers: regionHeader),
        .text(301, "", headers: regionHeader),
        .text(400, "", headers: regionHeader),
    ])
    func `that name another region are followed, once`(answer: ScriptedTransport.Answer) async throws {
        let transport = ScriptedTransport([answer, .text(200, "", headers: [.contentLength: "0"]), answer])
        let store = try scriptedStore(transport, endpoint: nil)
        _ = try await store.head(key("k"))
        #expect(
            transport.sent.map { $0.head.authority } == [
                "bucket.s3.us-east-1.amazonaws.com", "bucket.s3.eu-north-1.amazonaws.com",
            ])
        #expect(transport.sent[1].header("authorization")?.contains("/eu-north-1/s3/") == true)
        // The same again says nothing new.
        await #expect(throws: StoreError.self) { try await store.head(key("k")) }
        #expect(transport.sent.count == 3)
    }

    @Test func `that name no region say what to check`() async throws {
        let transport = ScriptedTransport([
            .refusal(301, "PermanentRedirect", extra: "<Endpoint>other.example</Endpoint>")
        ])
        let error = try await failure(.invalid) { try await get(transport) }
        #expect(error.message.contains("set the endpoint to 'other.example'"))
    }

    @Test(arguments: [Int64(-1200), 1200])
    func `that find our clock wrong are signed by the store's, once`(seconds: Int64) async throws {
        let theirs = exampleTime + .seconds(seconds)
        let skewed = ScriptedTransport.Answer.refusal(
            403, "RequestTimeTooSkewed",
            headers: [.date: seconds < 0 ? "Thu, 23 May 2013 23:40:00 GMT" : "Fri, 24 May 2013 00:20:00 GMT"])
        let transport = ScriptedTransport([skewed, .text(200, "", headers: [.contentLength: "0"]), skewed])
        let store = try scriptedStore(transport)
        _ = try await store.head(key("k"))
        let date = seconds < 0 ? "20130523T234000Z" : "20130524T002000Z"
        #expect(transport.sent.map { $0.header("x-amz-date") } == ["20130524T000000Z", date])
        #expect(theirs.description.filter { $0 != "-" && $0 != ":" } == date)
        let error = try await failure(.unauthorized) {
            let stubborn = ScriptedTransport { _ in skewed }
            return try await scriptedStore(stubborn).head(key("k"))
        }
        #expect(error.message.contains("clock"))
    }

    @Test func `that refuse the credentials have them read again, and only new ones are tried`() async throws {
        let source = RotatingCredentials()
        let transport = ScriptedTransport([
            .refusal(403, "ExpiredToken"), .text(200, "", headers: [.contentLength: "0"]),
        ])
        _ = try await scriptedStore(transport, credentials: source).head(key("k"))
        #expect(transport.sent.map { $0.header("authorization")?.contains("Credential=key-2/") } == [false, true])
        let same = ScriptedTransport { _ in .refusal(403, "SignatureDoesNotMatch") }
        let error = try await failure(.unauthorized) { try await get(same) }
        #expect(same.sent.count == 1)
        #expect(error.message.contains("check the secret key"))
    }

    @Test(arguments: [
        (502, StoreError.Code.unavailable), (503, .throttled), (504, .unavailable), (500, .unavailable),
        (429, .throttled),
        (403, .forbidden), (404, .notFound), (401, .unauthorized), (413, .limitExceeded), (507, .limitExceeded),
        (400, .invalid),
    ])
    func `of a proxy in HTML are told by their status`(status: Int, code: StoreError.Code) async throws {
        let page = "<!DOCTYPE html><html><body><h1>Sorry</h1><br></body></html>"
        let error = try await failure(code) { try await get(ScriptedTransport([.text(status, page)])) }
        #expect(error.message.contains("status \(status)"))
        #expect(!error.message.contains("<"))
    }

    @Test(arguments: [
        "", "no XML", "<html></html>", "<ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<!DOCTYPE x [<!ENTITY y \"z\">]><ListBucketResult></ListBucketResult>",
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%ZZ</Key><Size>1</Size></Contents></ListBucketResult>",
    ])
    func `to listings that make no sense are never an empty bucket`(text: String) async throws {
        let store = try scriptedStore(ScriptedTransport([.text(200, text)]))
        await #expect(throws: StoreError.self) { try await store.list(ListRequest()) }
    }

    @Test func `whose body breaks off, or is longer or shorter than promised, are no objects`() async throws {
        let broken = TransportError(.broken, "GET http://store.example: the connection broke")
        let cut = ScriptedTransport([
            .pieces(status: 200, headers: [.contentLength: "10"], ["half"]),
            .pieces(status: 200, headers: [.contentLength: "2"], ["more"]),
        ])
        let store = try scriptedStore(cut)
        for _ in 0..<2 { try await failure(.integrity) { try await store.read(key("k"), limit: .mebibytes(1)) } }
        let torn = ScriptedTransport([.cut(["<ListBucketResult>"], broken)])
        try await failure(.unavailable) { try await scriptedStore(torn).list(ListRequest()) }
    }

    @Test func `with another tag than was sent are not believed, once tags are known to be digests`() async throws {
        let right = ScriptedTransport.Answer.text(200, "", headers: [.eTag: "\"9dd4e461268c8034f5c8564e155c67a6\""])
        let wrong = ScriptedTransport.Answer.text(200, "", headers: [.eTag: "\"00000000000000000000000000000000\""])
        let store = try scriptedStore(ScriptedTransport([right, wrong]))
        _ = try await store.put(ByteBuffer(string: "x"), at: key("k"), options: PutOptions())
        try await failure(.integrity) {
            try await store.put(ByteBuffer(string: "x"), at: key("k"), options: PutOptions())
        }
        // A store whose first tag is none makes its tags in another way.
        let other = try scriptedStore(ScriptedTransport([wrong, wrong]))
        for _ in 0..<2 { _ = try await other.put(ByteBuffer(string: "x"), at: key("k"), options: PutOptions()) }
    }

    @Test func `to a part of an object that hold another part are refused`() async throws {
        let store = try scriptedStore(
            ScriptedTransport([.text(206, "ab", headers: [.contentRange: "bytes 2-3/10", .contentLength: "2"])]))
        try await failure(.unsupported) { try await store.get(key("k"), options: GetOptions(range: 0..<2)) }
    }
}

private final class RotatingCredentials: S3CredentialsSource {
    private let asked = Counter()

    func credentials() async throws(StoreError) -> S3Credentials {
        asked.add()
        return S3Credentials(accessKey: asked.value == 1 ? "key-1" : "key-2", secretKey: Secret("s"))
    }
}
