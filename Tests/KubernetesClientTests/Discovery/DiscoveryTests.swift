import HTTPTypes
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Testing

@Suite struct DiscoveryTests {
    /// As 1.20 answers.
    private static func older(_ sent: ScriptedTransport.Sent) -> ScriptedTransport.Answer {
        switch sent.path.dropFirst("/base".count) {
        case "/api": .text(200, #"{"kind":"APIVersions","versions":["v1"]}"#)
        case "/apis":
            .text(
                200,
                #"""
                {"kind":"APIGroupList","apiVersion":"v1","groups":[
                 {"name":"apps","versions":[{"groupVersion":"apps/v1beta1","version":"v1beta1"},{"groupVersion":"apps/v1","version":"v1"}],
                  "preferredVersion":{"groupVersion":"apps/v1","version":"v1"}},
                 {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],
                  "preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}}]}
                """#)
        case "/api/v1":
            .text(
                200,
                #"""
                {"kind":"APIResourceList","groupVersion":"v1","resources":[
                 {"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["create","list"],"shortNames":["po"]},
                 {"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]},
                 {"name":"namespaces","singularName":"","namespaced":false,"kind":"Namespace","verbs":["list"],"shortNames":["ns"]}]}
                """#)
        case "/apis/apps/v1":
            .text(
                200,
                #"""
                {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[
                 {"name":"deployments","singularName":"","namespaced":true,"kind":"Deployment","verbs":["list"],"shortNames":["deploy"]},
                 {"name":"deployments/status","singularName":"","namespaced":true,"kind":"Deployment","verbs":["get"]}]}
                """#)
        case "/apis/apps/v1beta1":
            .text(
                200,
                #"""
                {"kind":"APIResourceList","groupVersion":"apps/v1beta1","resources":[
                 {"name":"deployments","singularName":"","namespaced":true,"kind":"Deployment","verbs":["list"]},
                 {"name":"oldies","singularName":"oldie","namespaced":true,"kind":"Oldie","verbs":["list"]}]}
                """#)
        default: .text(503, "service unavailable\n")
        }
    }

    @Test func `the older way asks for every version and goes on without those that fail`() async throws {
        let cluster = try ScriptedCluster(ScriptedTransport(responder: Self.older))
        let discovery = try await cluster.client.discover()
        #expect(
            discovery.kinds.map { "\($0.groupVersion) \($0.resource)" } == [
                "v1 pods", "v1 namespaces", "apps/v1 deployments", "apps/v1beta1 deployments", "apps/v1beta1 oldies",
            ])
        #expect(
            discovery.preferredKinds.map { "\($0.groupVersion) \($0.resource)" }
                == ["v1 pods", "v1 namespaces", "apps/v1 deployments", "apps/v1beta1 oldies"])
        #expect(discovery.groups.map(\.name) == ["", "apps", "metrics.k8s.io"])
        #expect(discovery.failures.map(\.groupVersion) == ["metrics.k8s.io/v1beta1"])
        #expect(discovery.failures.first?.error.code == .server)
        let pods = try #require(discovery.resolve("po"))
        #expect(pods.singular == "pod" && pods.subresources == ["log"] && pods.isNamespaced)
        #expect(cluster.clock.now.sinceStart < .seconds(3))
    }

    @Test(arguments: [
        ("deployments", "apps/v1"), ("deployment", "apps/v1"), ("deploy", "apps/v1"), ("Deployment", "apps/v1"),
        ("deployments.apps", "apps/v1"), ("deploy.apps", "apps/v1"), ("deployments.v1beta1.apps", "apps/v1beta1"),
        ("deployments.app", "apps/v1"), ("oldie", "apps/v1beta1"), ("pods", "v1"), ("pods.v1", "v1"), ("ns", "v1"),
    ])
    func `kinds are found by what people type`(text: String, groupVersion: String) async throws {
        let cluster = try ScriptedCluster(ScriptedTransport(responder: Self.older))
        let discovery = try await cluster.client.discover()
        #expect(discovery.resolve(text)?.groupVersion.description == groupVersion)
    }

    @Test(arguments: ["", ".", "nothing", "pods.apps", "deployments.v2.apps"])
    func `what is no kind is not found`(text: String) async throws {
        let cluster = try ScriptedCluster(ScriptedTransport(responder: Self.older))
        #expect(try await cluster.client.discover().resolve(text) == nil)
    }

    @Test func `the aggregated document takes two requests`() async throws {
        let type = try #require(HTTPField.Name("Content-Type"))
        let headers: HTTPFields = [type: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"]
        let cluster = try ScriptedCluster(
            ScriptedTransport { sent in
                sent.path.hasSuffix("/api")
                    ? .text(
                        200,
                        #"""
                        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
                         {"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[
                          {"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced",
                           "singularResource":"pod","verbs":["create","list"],"shortNames":["po"],"categories":["all"],
                           "subresources":[{"subresource":"log","responseKind":{"kind":"Pod"},"verbs":["get"]}]},
                          {"resource":"nodes","responseKind":{"kind":"Node"},"scope":"Cluster","singularResource":"node","verbs":["list"]}]}]}]}
                        """#, headers: headers)
                    : .text(
                        200,
                        #"""
                        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
                         {"metadata":{"name":"autoscaling"},"versions":[
                          {"version":"v2","freshness":"Current","resources":[{"resource":"horizontalpodautoscalers",
                           "responseKind":{"group":"autoscaling","version":"v2","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced",
                           "singularResource":"horizontalpodautoscaler","verbs":["list"],"shortNames":["hpa"],
                           "subresources":[{"subresource":"status","verbs":["get"]}]}]},
                          {"version":"v1","freshness":"Current","resources":[{"resource":"horizontalpodautoscalers",
                           "responseKind":{"group":"autoscaling","version":"v1","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced",
                           "singularResource":"horizontalpodautoscaler","verbs":["list"]}]}]},
                         {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]}
                        """#, headers: headers)
            })
        let discovery = try await cluster.client.discover()
        #expect(cluster.transport.sent.count == 2)
        #expect(cluster.transport.sent[0].head.headerFields[.accept]?.contains("v=v2;as=APIGroupDiscoveryList") == true)
        #expect(discovery.preferredKinds.map(\.kind) == ["Pod", "Node", "HorizontalPodAutoscaler"])
        #expect(
            discovery.versions(of: GroupResource("horizontalpodautoscalers.autoscaling")).map(\.groupVersion.version)
                == ["v2", "v1"])
        #expect(discovery.resolve("hpa")?.subresources == ["status"])
        #expect(discovery.resolve("nodes")?.isNamespaced == false)
        #expect(discovery.failures.map(\.groupVersion) == ["metrics.k8s.io/v1beta1"])
        #expect(discovery.kind(of: GroupVersion(apiVersion: "autoscaling/v1"), "HorizontalPodAutoscaler") != nil)
    }

    @Test func `something else than an API server is told apart`() async throws {
        let cluster = try ScriptedCluster(ScriptedTransport { _ in .text(200, "<html></html>") })
        let error = await #expect(throws: APIError.self) { try await cluster.client.discover() }
        #expect(error?.code == .malformed)
    }
}
