import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Synchronization
import Testing
import Transport

/// The keys of Amazon's documentation.
let exampleCredentials = S3Credentials(
    accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))

/// 24 May 2013, 00:00:00 UTC, as in Amazon's examples.
let exampleTime = Timestamp(seconds: 1_369_353_600)

func key(_ text: String) throws -> ObjectKey { try #require(ObjectKey(text)) }

/// A store whose server answers from a script.
func scriptedStore(
    _ transport: ScriptedTransport, endpoint: String? = "http://store.example:9000", bucket: String = "bucket",
    credentials: any S3CredentialsSource = exampleCredentials, clock: WallClock = WallClock { exampleTime },
    _ change: (inout S3Configuration) -> Void = { _ in }
) throws -> S3ObjectStore {
    var configuration = S3Configuration(bucket: bucket, endpoint: endpoint, credentials: credentials)
    change(&configuration)
    return try S3ObjectStore(configuration, transport: transport, clock: clock)
}

extension ScriptedTransport.Answer {
    /// An error as S3 tells it.
    static func refusal(
        _ status: Int, _ code: String, message: String = "", extra: String = "", headers: HTTPFields = [:]
    ) -> ScriptedTransport.Answer {
        .text(
            status, "<Error><Code>\(code)</Code><Message>\(message)</Message>\(extra)</Error>", headers: headers)
    }
}

extension ScriptedTransport.Sent {
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { head.headerFields[$0] } }
}

/// The error that `body` ends in; checks that it is one line without a secret.
@discardableResult
func failure<Result>(
    _ code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async throws -> StoreError {
    let error = await #expect(throws: StoreError.self, sourceLocation: sourceLocation) { _ = try await body() }
    let found = try #require(error, sourceLocation: sourceLocation)
    #expect(found.code == code, "\(found)", sourceLocation: sourceLocation)
    #expect(!ErrorChain.line(found).contains("wJalr"), sourceLocation: sourceLocation)
    #expect(!found.message.contains("\n"), sourceLocation: sourceLocation)
    return found
}

/// Counts.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}

/// Gives `body` the bucket `bucket` of a server of the tests.
func withTestStore<Result>(
    _ server: S3TestServer, bucket: String = "bucket", clock: WallClock = .ofTheMachine,
    _ body: (S3ObjectStore) async throws -> Result
) async throws -> Result {
    try await withNetworkTransport { transport in
        try await body(
            S3ObjectStore(.toTestServer(server, bucket: bucket), transport: transport, clock: clock))
    }
}

/// `x-amz-bucket-region: eu-north-1`.
let regionHeader: HTTPFields = {
    var fields = HTTPFields()
    if let name = HTTPField.Name("x-amz-bucket-region") { fields[name] = "eu-north-1" }
    return fields
}()

func withNetworkTransportOfTests<Result>(_ body: (NetworkTransport) async throws -> Result) async throws -> Result {
    try await withNetworkTransport { try await body($0) }
}

extension HTTPTransport {
    /// What a URL that carries its own permission gives.
    func answer(
        _ method: HTTPRequest.Method, _ url: Secret, body: ByteBuffer? = nil
    ) async throws -> (status: Int, body: String) {
        let text = url.reveal().dropFirst("http://".count)
        let slash = try #require(text.firstIndex(of: "/"))
        let head = HTTPRequest(
            method: method, scheme: "http", authority: String(text[..<slash]), path: String(text[slash...]))
        let response = try await send(TransportRequest(head: head, body: body.map { .bytes($0) } ?? .empty))
        var answered = ""
        for try await chunk in response.body { answered += String(buffer: chunk) }
        return (response.head.status.code, answered)
    }
}
