import Basics
import HTTPTypes
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Testing
import Transport

@Suite struct RequestTests {
    @Test func `each verb has its method, path and query`() async throws {
        let object = ScriptedTransport.Answer.text(200, #"{"metadata":{"name":"a"}}"#)
        let cluster = try ScriptedCluster(ScriptedTransport { _ in object })
        let client = cluster.client
        _ = try await client.get(configMaps, "a", in: "n")
        _ = try await client.get(deployments, "a", in: "n", subresource: "scale")
        _ = try await client.create(
            configMaps, in: "n", [], options: .init(fieldManager: "me", isDryRun: true, fieldValidation: .strict))
        _ = try await client.update(deployments, "a", in: "n", subresource: "status", [])
        _ = try await client.patch(deployments, "a", in: "n", .merge([]))
        _ = try await client.patch(deployments, "a", in: "n", .apply([], fieldManager: "me", force: true))
        try await client.delete(configMaps, "a", in: "n")
        try await client.deleteAll(configMaps, in: "n", selecting: .init(labelSelector: "a=b,c"))
        #expect(
            cluster.transport.sent.map { "\($0.head.method) \($0.path.dropFirst(5))" } == [
                "GET /api/v1/namespaces/n/configmaps/a",
                "GET /apis/apps/v1/namespaces/n/deployments/a/scale",
                "POST /api/v1/namespaces/n/configmaps?fieldManager=me&dryRun=All&fieldValidation=Strict",
                "PUT /apis/apps/v1/namespaces/n/deployments/a/status",
                "PATCH /apis/apps/v1/namespaces/n/deployments/a",
                "PATCH /apis/apps/v1/namespaces/n/deployments/a?force=true&fieldManager=me",
                "DELETE /api/v1/namespaces/n/configmaps/a",
                "DELETE /api/v1/namespaces/n/configmaps?labelSelector=a%3Db%2Cc",
            ])
        #expect(
            cluster.transport.sent.compactMap { $0.head.headerFields[.contentType] } == [
                "application/json", "application/json", "application/merge-patch+json",
                "application/apply-patch+yaml", "application/json", "application/json",
            ])
        #expect(cluster.transport.sent.allSatisfy { $0.head.authority == "cluster.test:6443" })
    }

    @Test func `deleting says its preconditions in the body`() async throws {
        let cluster = try ScriptedCluster([.text(200, "{}")])
        try await cluster.client.delete(
            configMaps, "a", in: "n",
            options: .init(uid: "u", resourceVersion: "3", propagation: .orphan, gracePeriodSeconds: 0, isDryRun: true))
        #expect(
            cluster.transport.sent[0].bodyText
                == #"{"apiVersion":"v1","dryRun":["All"],"gracePeriodSeconds":0,"kind":"DeleteOptions","#
                + #""preconditions":{"resourceVersion":"3","uid":"u"},"propagationPolicy":"Orphan"}"#)
    }

    @Test(arguments: ["../secrets", "..", ".", "", "a/b", "a%2Fb", "a\nb", String(repeating: "x", count: 2_000)])
    func `a name that could leave its place is refused before anything is sent`(name: String) async throws {
        let cluster = try ScriptedCluster([])
        await #expect { try await cluster.client.get(configMaps, name, in: "n") } throws: {
            ($0 as? APIError)?.code == .malformed
        }
        await #expect { try await cluster.client.get(configMaps, "a", in: name.isEmpty ? ".." : name) } throws: {
            ($0 as? APIError)?.code == .malformed
        }
        #expect(cluster.transport.sent.isEmpty)
    }

    @Test(arguments: ["system:kube-dns", "a b", "ü", "a?b=c#d", "a+b&c"])
    func `an odd name stays one segment of the path`(name: String) async throws {
        let cluster = try ScriptedCluster([.text(200, "{}")])
        if name.contains(" ") {
            await #expect(throws: APIError.self) { try await cluster.client.get(configMaps, name, in: "n") }
        } else {
            _ = try await cluster.client.get(configMaps, name, in: "n")
            let segment = try #require(cluster.paths[0].split(separator: "/").last)
            #expect(PercentEncoding.decode(segment) == name)
            #expect(!segment.contains { "/?#&".contains($0) })
        }
    }

    @Test func `impersonation goes into headers`() async throws {
        let cluster = try ScriptedCluster(
            [.text(200, "{}")],
            impersonation: .init(
                user: "jane", uid: "7", groups: ["dev", "ops"], extra: ["acme.org/scope": ["a", "b"]]))
        _ = try await cluster.client.get(configMaps, "a", in: "n")
        let fields = cluster.transport.sent[0].head.headerFields.filter { $0.name.rawName.hasPrefix("Impersonate") }
        #expect(
            fields.map { "\($0.name.rawName): \($0.value)" } == [
                "Impersonate-User: jane", "Impersonate-Uid: 7", "Impersonate-Group: dev", "Impersonate-Group: ops",
                "Impersonate-Extra-acme.org%2Fscope: a", "Impersonate-Extra-acme.org%2Fscope: b",
            ])
    }

    @Test func `an object that is written in a namespace needs one`() async throws {
        let cluster = try ScriptedCluster([])
        await #expect { try await cluster.client.create(configMaps, []) } throws: {
            ($0 as? APIError)?.code == .malformed
        }
    }
}
