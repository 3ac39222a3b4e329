import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Testing
import Transport

private let cut = TransportError(.broken, "cut")

@Suite struct ObjectPagesTests {
    private func names(_ cluster: ScriptedCluster, _ options: ListOptions = .init()) async throws -> [String] {
        try await cluster.client.list(configMaps, options: options).all().map(\.name)
    }

    @Test func `pages follow each other by their tokens`() async throws {
        let cluster = try ScriptedCluster([
            .text(200, page(["a", "b"], continue: "t/1=")), .text(200, page(["c"], continue: "t2")),
            .text(200, page([])),
        ])
        let options = ListOptions(
            labelSelector: "app in (a,b)", fieldSelector: "x=y", pageSize: 2, resourceVersion: "0")
        #expect(try await names(cluster, options) == ["a", "b", "c"])
        #expect(
            cluster.paths == [
                "/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=x%3Dy&limit=2&resourceVersion=0",
                "/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=x%3Dy&limit=2&continue=t%2F1%3D",
                "/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=x%3Dy&limit=2&continue=t2",
            ])
    }

    @Test func `paging can be turned off`() async throws {
        let cluster = try ScriptedCluster([.text(200, page(["a"]))])
        #expect(try await names(cluster, ListOptions(pageSize: 0)) == ["a"])
        #expect(cluster.paths == ["/api/v1/configmaps"])
    }

    @Test func `every place where a page can break off gives each object once`() async throws {
        let whole = page(["a", "b", "c"], continue: "next")
        for length in 0..<whole.utf8.count {
            let piece = String(decoding: Array(whole.utf8)[..<length], as: UTF8.self)
            let cluster = try ScriptedCluster([
                .cut([piece], cut), .text(200, whole), .text(200, page(["d"])),
            ])
            #expect(try await names(cluster) == ["a", "b", "c", "d"], "cut at \(length)")
            #expect(cluster.transport.unused == 0)
        }
    }

    @Test func `a page that ends early without an error is read again too`() async throws {
        let whole = page(["a", "b"])
        let cluster = try ScriptedCluster([.text(200, String(whole.dropLast(3))), .text(200, whole)])
        #expect(try await names(cluster) == ["a", "b"])
    }

    @Test func `an expired token is replaced by the one that the server offers`() async throws {
        let expired = ScriptedTransport.Answer.status(
            410, reason: "Expired", extra: #","metadata":{"continue":"inconsistent"}"#)
        let cluster = try ScriptedCluster([
            .text(200, page(["a", "b"], continue: "old")), expired, .text(200, page(["c"])),
        ])
        #expect(try await names(cluster) == ["a", "b", "c"])
        #expect(cluster.paths.last == "/api/v1/configmaps?limit=500&continue=inconsistent")
    }

    @Test func `without such a token the list starts again and gives nothing twice`() async throws {
        let expired = ScriptedTransport.Answer.status(410, reason: "Expired")
        let cluster = try ScriptedCluster([
            .text(200, page(["a", "c"], continue: "old")), expired,
            .text(200, page(["a", "b", "c", "d"], continue: "new")), .text(200, page(["e"])),
        ])
        // `b` came into being after its place was passed: it belongs to the next backup, as with any snapshot.
        #expect(try await names(cluster) == ["a", "c", "d", "e"])
        #expect(cluster.transport.unused == 0)
    }

    @Test func `a server that keeps no order cannot be resumed without its token`() async throws {
        let expired = ScriptedTransport.Answer.status(410, reason: "Expired")
        let cluster = try ScriptedCluster([.text(200, page(["z", "a"], continue: "old")), expired])
        await #expect { try await names(cluster) } throws: { ($0 as? APIError)?.code == .expired }
    }

    @Test func `namespaces are ordered as the server orders its keys`() async throws {
        func page(_ places: [(String, String)], continue token: String? = nil) -> String {
            let items = places.map { #"{"metadata":{"namespace":"\#($0.0)","name":"\#($0.1)"}}"# }
            let next = token.map { #""continue":"\#($0)""# } ?? ""
            return #"{"kind":"ConfigMapList","metadata":{\#(next)},"items":[\#(items.joined(separator: ","))]}"#
        }
        // In etcd "a-b/x" comes before "a/x", as '-' comes before '/'.
        let expired = ScriptedTransport.Answer.status(410, reason: "Expired")
        let cluster = try ScriptedCluster([
            .text(200, page([("a-b", "x"), ("a", "x")], continue: "t")), expired,
            .text(200, page([("a-b", "x"), ("a", "x"), ("b", "x")])),
        ])
        let objects = try await cluster.client.list(configMaps).all()
        #expect(objects.map(\.namespace) == ["a-b", "a", "b"])
    }

    @Test func `a page may fail as often as any request, and each page anew`() async throws {
        let busy = ScriptedTransport.Answer.status(429, reason: "TooManyRequests")
        let script = (0..<4).flatMap { index -> [ScriptedTransport.Answer] in
            Array(repeating: busy, count: 8) + [.text(200, page(["\(index)"], continue: index < 3 ? "t\(index)" : nil))]
        }
        let cluster = try ScriptedCluster(script)
        #expect(try await names(cluster) == ["0", "1", "2", "3"])
    }

    @Test func `what is forbidden is thrown at once`() async throws {
        let cluster = try ScriptedCluster([.status(403, reason: "Forbidden")])
        await #expect { try await names(cluster) } throws: { ($0 as? APIError)?.code == .forbidden }
    }

    @Test func `batches are bounded however large the list is`() async throws {
        let pieces = (0..<2_000).map { #"\#($0 == 0 ? "" : ","){"metadata":{"name":"\#(10_000 + $0)"}}"# }
        let cluster = try ScriptedCluster([.pieces(status: 200, [#"{"items":["#] + pieces + ["]}"])])
        var count = 0
        for try await batch in cluster.client.list(configMaps) {
            #expect(batch.count <= 128 && !batch.isEmpty)
            count += batch.count
        }
        #expect(count == 2_000)
    }
}
