import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import ObjectStorage
import Testing
import VeleroAPI

/// Backups of the real API server that `scripts/test` brings up. Each test works in a namespace of its own.
@Suite(.needs(.kubernetes)) struct RealClusterBackupTests {
    private static let namespaces = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "namespaces", kind: "Namespace", isNamespaced: false)
    private static let configMaps = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "configmaps", kind: "ConfigMap", isNamespaced: true)
    private static let roleBindings = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "rbac.authorization.k8s.io/v1"), resource: "clusterrolebindings",
        kind: "ClusterRoleBinding", isNamespaced: false)

    /// The namespace goes away again, whatever happens; the test's own error is the one to report.
    private func withNamespace(_ body: (APIClient, String) async throws -> Void) async throws {
        var choice = ClusterChoice()
        choice.kubeconfig = try TestServers.address(of: .kubernetes)
        let machine = Machine.host(
            environment: [:], workingFolder: "/", isInteractive: false, clock: WallClock { Timestamp(seconds: 0) })
        let access = try ClusterAccess(choice, on: machine)
        let transport = try NetworkTransport(ConnectionSettings(tls: access.endpoint.tls))
        let client = APIClient(
            endpoint: access.endpoint, transport: transport, credentials: access.credentials, clock: ContinuousClock(),
            random: { 0 })
        let made = try await client.create(
            Self.namespaces, in: nil,
            Array(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"generateName":"martlet-backup-"}}"#.utf8))
        var failure: (any Error)?
        do {
            try await body(client, made.name)
        } catch {
            failure = error
        }
        try await client.delete(Self.namespaces, made.name, in: nil)
        await transport.shutdown()
        if let failure { throw failure }
    }

    private func createConfigMap(_ name: String, in namespace: String, _ client: APIClient) async throws {
        let body = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"},"data":{"k":"\#(name)"}}"#
        _ = try await client.create(Self.configMaps, in: namespace, Array(body.utf8))
    }

    @Test func `every object of a namespace is stored as the server has it`() async throws {
        try await withNamespace { client, namespace in
            for number in 0..<1_200 {  // Three pages.
                try await createConfigMap("c\(number)", in: namespace, client)
            }
            let store = InMemoryObjectStore()
            let name = try #require(BackupName("real"))
            var spec = BackupSpec()
            spec.includedNamespaces = [namespace]
            let backup = DirectBackup(client: client, store: store, clock: WallClock { Timestamp(seconds: 1) })
            let outcome = try await backup.run(BackupRequest(name: name, spec: spec, uid: "u"))
            #expect(outcome.phase == .completed, "\(outcome.results)")
            let reader = try await StoredBackups(store).openArchive(name, temporaryFolder: "/tmp")
            let stored = reader.index.items(of: GroupResource("configmaps"))
            var live: [String: RawObject] = [:]
            for try await batch in client.list(Self.configMaps, in: namespace) {
                for object in batch { live[object.name] = object }
            }
            #expect(stored.count == live.count)
            for item in stored {
                let object = try #require(live[item.reference.name])
                #expect(try reader.bytes(of: item) == object.bytes)
            }
            #expect(reader.index.items(of: GroupResource("namespaces")).map(\.reference.name) == [namespace])
            #expect(reader.index.preferredVersion(of: GroupResource("configmaps")) == "v1")
        }
    }

    @Test func `a full backup of a real cluster has its cluster-scoped objects`() async throws {
        try await withNamespace { client, namespace in
            try await createConfigMap("one", in: namespace, client)
            let store = InMemoryObjectStore()
            let name = try #require(BackupName("full"))
            let backup = DirectBackup(client: client, store: store, clock: WallClock { Timestamp(seconds: 1) })
            let outcome = try await backup.run(BackupRequest(name: name, uid: "u"))
            #expect(outcome.phase == .completed || outcome.phase == .partiallyFailed)
            let reader = try await StoredBackups(store).openArchive(name, temporaryFolder: "/tmp")
            let reference = ObjectReference(
                resource: Self.roleBindings.groupResource, namespace: nil, name: "cluster-admin")
            let item = try #require(reader.index.item(reference))
            // Items of a list come without kind and version, which are put in front; the order of keys is free.
            let live = try await client.get(Self.roleBindings, "cluster-admin").decoded()
            #expect(try reader.object(of: item) == live)
            let list = try await StoredBackups(store).resources(name)
            #expect(list["v1/ConfigMap"]?.contains("\(namespace)/one") == true)
        }
    }
}
