import Basics
import HTTPTypes
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Synchronization
import Testing
import Transport

private let object = ScriptedTransport.Answer.text(200, #"{"metadata":{"name":"a"}}"#)
private let busy = ScriptedTransport.Answer.status(429, reason: "TooManyRequests", headers: [.retryAfter: "3"])
private let down = ScriptedTransport.Answer.status(503, reason: "ServiceUnavailable")
private let wrong = ScriptedTransport.Answer.status(500, reason: "InternalError")
private let refused = ScriptedTransport.Answer.failure(.init(.connect, "refused"))
private let broken = ScriptedTransport.Answer.failure(.init(.broken, "broken"))
private let slow = ScriptedTransport.Answer.failure(.init(.timeout, "slow"))

@Suite struct RetryTests {
    @Test(arguments: [busy, down, wrong, refused, broken, slow])
    func `a read is tried again after any passing failure`(failure: ScriptedTransport.Answer) async throws {
        let cluster = try ScriptedCluster([failure, failure, object])
        #expect(try await cluster.client.get(configMaps, "a", in: "n").name == "a")
        #expect(cluster.transport.unused == 0)
        #expect(cluster.clock.pauses.count == 2)
    }

    @Test(arguments: [busy, down, refused])
    func `a create is tried again when the server did not act`(failure: ScriptedTransport.Answer) async throws {
        let cluster = try ScriptedCluster([failure, object])
        _ = try await cluster.client.create(configMaps, in: "n", [])
        #expect(cluster.transport.unused == 0)
    }

    @Test(arguments: [wrong, broken, slow])
    func `a create whose outcome is unknown is not sent again`(failure: ScriptedTransport.Answer) async throws {
        let cluster = try ScriptedCluster([failure, object])
        let error = await #expect(throws: APIError.self) {
            try await cluster.client.create(configMaps, in: "n", [])
        }
        #expect(error?.wasNotSent == false)
        #expect(cluster.transport.sent.count == 1)
    }

    @Test func `the server's Retry-After is waited for, with a little added`() async throws {
        let cluster = try ScriptedCluster([busy, object])
        _ = try await cluster.client.get(configMaps, "a", in: "n")
        let pause = try #require(cluster.clock.pauses.first)
        #expect(pause >= .seconds(3) && pause <= .seconds(4))
    }

    @Test func `a server that stays away is given up at the deadline`() async throws {
        let cluster = try ScriptedCluster(ScriptedTransport { _ in refused })
        let error = await #expect(throws: APIError.self) { try await cluster.client.serverVersion() }
        #expect(error?.code == .unreachable)
        #expect(cluster.clock.now.sinceStart <= .seconds(45))
        #expect((2...10).contains(cluster.transport.sent.count))
    }

    @Test func `a pause that would pass the deadline is not begun`() async throws {
        let patience = ScriptedTransport.Answer.status(429, reason: "TooManyRequests", headers: [.retryAfter: "3600"])
        let cluster = try ScriptedCluster([patience])
        let error = await #expect(throws: APIError.self) { try await cluster.client.get(configMaps, "a", in: "n") }
        #expect(error?.code == .throttled)
        #expect(error?.retryAfter == .seconds(3600))
        #expect(cluster.clock.pauses.isEmpty)
    }

    @Test func `a body that breaks off is read again`() async throws {
        let cut = ScriptedTransport.Answer.cut([#"{"metadata":"#], .init(.broken, "cut"))
        let cluster = try ScriptedCluster([cut, object])
        #expect(try await cluster.client.get(configMaps, "a", in: "n").name == "a")
    }

    @Test func `not found after a delete that lost its answer is success`() async throws {
        let gone = ScriptedTransport.Answer.status(404, reason: "NotFound")
        let lost = try ScriptedCluster([broken, gone])
        try await lost.client.delete(configMaps, "a", in: "n")
        #expect(lost.transport.unused == 0)
        let plain = try ScriptedCluster([gone])
        let error = await #expect(throws: APIError.self) { try await plain.client.delete(configMaps, "a", in: "n") }
        #expect(error?.code == .notFound)
    }

    @Test func `refused credentials are fetched anew once`() async throws {
        let denied = ScriptedTransport.Answer.status(401, reason: "Unauthorized")
        let source = CountingCredential()
        let cluster = try ScriptedCluster([denied, object], credentials: source)
        _ = try await cluster.client.create(configMaps, in: "n", [])
        #expect(cluster.transport.sent.map { $0.head.headerFields[.authorization] } == ["Bearer 0", "Bearer 1"])

        let hopeless = try ScriptedCluster([denied, denied], credentials: CountingCredential())
        let error = await #expect(throws: APIError.self) { try await hopeless.client.get(configMaps, "a", in: "n") }
        #expect(error?.code == .unauthorized)
        #expect(hopeless.transport.unused == 0)
    }
}

/// A new token after each refusal.
private final class CountingCredential: CredentialSource {
    private let count = Mutex(0)

    func credential() -> Credential { .bearer(Secret(String(count.withLock { $0 }))) }

    func refused(_ credential: Credential) -> Bool {
        count.withLock { $0 += 1 }
        return true
    }
}
