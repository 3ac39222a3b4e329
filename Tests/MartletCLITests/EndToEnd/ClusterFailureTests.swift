import Basics
import FoundationEssentials
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

/// The program against an API server that refuses, forgets or overflows.
@Suite struct `A cluster that does not play along` {
    private static let definition: JSONValue = [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "widgets.example.org"],
        "spec": [
            "group": "example.org", "scope": "Namespaced",
            "names": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": ["openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
                ]
            ],
        ],
    ]

    private func withServer(
        _ settings: PracticeSettings = PracticeSettings(), token: String? = nil,
        _ body: (PracticeServer, MartletProcess, String) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let cluster = PracticeCluster(settings)
        let server = try await PracticeServer.start(cluster)
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig(token: token).write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        try await body(server, MartletProcess(["KUBECONFIG": kubeconfig]), "\(folder.path)/store")
        try await server.stop()
    }

    private func fill(_ cluster: PracticeCluster) {
        cluster.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Self.definition)
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "study"]])
        cluster.request(
            "POST", "/api/v1/namespaces/study/configmaps", ["metadata": ["name": "settings"], "data": ["k": "v"]])
        cluster.request(
            "POST", "/api/v1/namespaces/study/secrets",
            ["metadata": ["name": "keys"], "data": ["password": "aHVudGVyMg=="]])
    }

    @Test func `refuses an expired token, and nothing is left`() async throws {
        var settings = PracticeSettings()
        settings.users = [Secret("the-new-token"): .init("admin")]
        try await withServer(settings, token: "the-old-token") { server, program, store in
            let outcome = try await program.run("backup", "create", "b", "--direct", "--to", store)
            #expect(outcome.status == 2, "\(outcome.messages)")
            #expect(outcome.messages.contains("the server does not accept these credentials (401)"))
            #expect(outcome.messages.contains("try: the credentials in the kubeconfig are expired or wrong"))
            #expect(!outcome.text.contains("the-old-token"))
            #expect(try await program.run("backup", "get", "--from", store).messages == "There are no backups.\n")
        }
    }

    @Test func `hides a kind, which is named, and the rest is saved`() async throws {
        var settings = PracticeSettings()
        settings.denials = [.init(resource: GroupResource("secrets"))]
        try await withServer(settings) { server, program, store in
            fill(server.cluster)
            let outcome = try await program.run("backup", "create", "b", "--direct", "--to", store)
            #expect(outcome.status == 3, "\(outcome.text)")
            #expect(outcome.output.hasPrefix("Backup \"b\" PartiallyFailed: "))
            #expect(outcome.messages.contains("error: secrets could not be listed"))
            #expect(outcome.messages.contains("its objects are not in this backup"))
            let described = try await program.run("backup", "describe", "b", "--details", "--from", store)
            #expect(described.output.contains("study/settings") && described.output.contains("secrets"))
            #expect(!described.text.contains("aHVudGVyMg=="))
        }
    }

    @Test func `loses a kind between discovery and list, which is named`() async throws {
        try await withServer { server, program, store in
            fill(server.cluster)
            let widgets = GroupResource("widgets.example.org")
            for resource in ["pods", "secrets"] {  // ConfigMaps are listed before discovery too, for what hooks left.
                server.cluster.inject(
                    Fault(
                        .before { $0.stopServing(widgets) }, on: .init(verb: "list", resource: GroupResource(resource)))
                )
            }
            let outcome = try await program.run("backup", "create", "b", "--direct", "--to", store)
            #expect(outcome.status == 3, "\(outcome.text)")
            #expect(outcome.messages.contains("error: widgets.example.org could not be listed"))
        }
    }

    @Test func `sends a list that nests without end, and its kind is named`() async throws {
        try await withServer { server, program, store in
            fill(server.cluster)
            let deep = String(repeating: "[", count: 100_000)
            let body =
                #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"x"},"#
                + #""data":"#
            server.cluster.inject(
                Fault(
                    .answer(code: 200, contentType: "application/json", body: Array((body + deep).utf8)),
                    on: .init(verb: "list", resource: GroupResource("configmaps")), count: 100))
            let outcome = try await program.run("backup", "create", "b", "--direct", "--to", store)
            #expect(outcome.status == 3, "\(outcome.text)")
            #expect(outcome.messages.contains("error: configmaps could not be listed"))
        }
    }

    @Test func `does not take an object that is too large, which is named, and the rest is restored`() async throws {
        var settings = PracticeSettings()
        settings.maximumRequestBytes = 20_000
        try await withServer(settings) { server, program, store in
            let large =
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"large","namespace":"a"},"data":{"k":""#
                + String(repeating: "x", count: 30_000) + #""}}"#
            let archive = StoredBackup.archive(extra: [
                ("resources/configmaps/namespaces/a/large.json", Array(large.utf8))
            ])
            _ = try StoredBackup.write(into: store, archive: archive)
            let outcome = try await program.run(
                "restore", "create", "r", "--from-backup", "nightly", "--direct", "--from", store)
            #expect(outcome.status == 3, "\(outcome.text)")
            #expect(outcome.messages.contains("configmaps/a/large was not restored"))
            #expect(server.cluster.object("configmaps", "c2", in: "a") != nil)
            #expect(server.cluster.object("configmaps", "large", in: "a") == nil)
        }
    }
}
