import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import NIOCore
import ObjectStorage
import PracticeCluster
import Transport
import VeleroAPI

/// A practice cluster with a few objects of the kinds that backups care about, and what backs it up.
struct BackupTestCluster {
    let cluster: PracticeCluster
    let client: APIClient
    let store: InMemoryObjectStore
    let now = Timestamp(seconds: 1_795_000_000)

    init(_ settings: PracticeSettings = PracticeSettings()) throws {
        cluster = PracticeCluster(settings)
        client = APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: cluster, policy: .never,
            clock: ContinuousClock(), random: { 0 })
        store = InMemoryObjectStore(minimumPartSize: ByteCount(1))
    }

    func create(_ path: String, _ object: JSONValue) {
        let answer = cluster.request("POST", path, object)
        precondition(answer.code < 300, "\(path): \(String(decoding: answer.body.serialized(), as: UTF8.self))")
    }

    func createNamespace(_ name: String, labels: [String: String] = [:]) {
        create(
            "/api/v1/namespaces",
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(name), "labels": .object(labels.mapValues { .string($0) })],
            ])
    }

    func createConfigMap(_ name: String, in namespace: String, labels: [String: String] = [:], data: String = "x") {
        create(
            "/api/v1/namespaces/\(namespace)/configmaps",
            [
                "apiVersion": "v1", "kind": "ConfigMap", "data": ["key": .string(data)],
                "metadata": ["name": .string(name), "labels": .object(labels.mapValues { .string($0) })],
            ])
    }

    func request(_ name: String = "full", _ change: (inout BackupSpec) -> Void = { _ in }) -> BackupRequest {
        var spec = BackupSpec()
        change(&spec)
        return BackupRequest(name: BackupName(name)!, spec: spec, uid: "00000000-0000-0000-0000-000000000001")
    }

    func back(
        up name: String = "full", to other: (any ObjectStore)? = nil, _ change: (inout BackupSpec) -> Void = { _ in }
    ) async throws(ClusterBackupError) -> BackupOutcome {
        let now = now
        let backup = DirectBackup(client: client, store: other ?? store, clock: WallClock { now })
        return try await backup.run(request(name, change))
    }

    /// What is in the archive of a backup: `pods/ns/a`.
    func archived(_ name: String = "full") async throws -> Set<String> {
        let reader = try await StoredBackups(store).openArchive(BackupName(name)!, temporaryFolder: "/tmp")
        return Set(reader.index.kinds.flatMap { reader.index.items(of: $0).map(\.reference.description) })
    }

    func object(_ reference: String, in name: String = "full") async throws -> APIObject? {
        let reader = try await StoredBackups(store).openArchive(BackupName(name)!, temporaryFolder: "/tmp")
        for kind in reader.index.kinds {
            for item in reader.index.items(of: kind) where item.reference.description == reference {
                return try reader.object(of: item)
            }
        }
        return nil
    }

    /// Every key in the store.
    func keys() async throws -> [String] {
        var keys: [String] = []
        for try await object in store.objects() { keys.append(object.key.text) }
        return keys
    }
}

extension BackupTestCluster {
    /// A namespace `app` with a pod, its claim, volume and priority class, a service account with rights, a custom resource
    /// with its definition, and a namespace `other`.
    func fill() {
        createNamespace("app")
        createNamespace("other")
        createConfigMap("one", in: "app", labels: ["tier": "web"])
        createConfigMap("two", in: "app")
        createConfigMap("three", in: "other", labels: ["tier": "db"])
        createVolumes()
        createRights()
        createCustomResource()
    }

    private func createVolumes() {
        create(
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            [
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": ["name": "urgent"],
                "value": 1000,
            ])
        create(
            "/api/v1/persistentvolumes",
            [
                "apiVersion": "v1", "kind": "PersistentVolume",
                "metadata": ["name": "pv1", "labels": ["disk": "fast"]],
                "spec": [
                    "capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"], "storageClassName": "local-path",
                    "persistentVolumeReclaimPolicy": "Delete", "hostPath": ["path": "/data"],
                    "claimRef": ["kind": "PersistentVolumeClaim", "namespace": "app", "name": "data"],
                ],
            ])
        create(
            "/api/v1/namespaces/app/persistentvolumeclaims",
            [
                "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "metadata": [
                    "name": "data", "labels": ["velero.io/restore-name": "old", "mine": "kept"],
                ],
                "spec": [
                    "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                    "storageClassName": "local-path", "volumeName": "pv1",
                ],
            ])
        cluster.request(
            "PATCH", "/api/v1/namespaces/app/persistentvolumeclaims/data/status", ["status": ["phase": "Bound"]],
            contentType: "application/merge-patch+json")
        create(
            "/api/v1/namespaces/app/pods",
            [
                "apiVersion": "v1", "kind": "Pod",
                "metadata": [
                    "name": "web", "labels": ["tier": "web"],
                    "annotations": ["backup.velero.io/backup-volumes": "files,lost"],
                ],
                "spec": [
                    "priorityClassName": "urgent",
                    "containers": [
                        ["name": "c", "image": "i", "volumeMounts": [["name": "files", "mountPath": "/files"]]]
                    ],
                    "volumes": [["name": "files", "persistentVolumeClaim": ["claimName": "data"]]],
                ],
            ])
    }

    private func createRights() {
        create(
            "/api/v1/namespaces/app/serviceaccounts",
            ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "robot"]])
        for (name, account) in [("robots", "robot"), ("strangers", "stranger")] {
            create(
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
                    "metadata": ["name": .string(name)], "rules": [],
                ])
            create(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                    "metadata": ["name": .string(name)],
                    "roleRef": [
                        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name),
                    ],
                    "subjects": [["kind": "ServiceAccount", "namespace": "app", "name": .string(account)]],
                ])
        }
    }

    private func createCustomResource() {
        create(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            [
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": "widgets.example.org"],
                "spec": [
                    "group": "example.org", "scope": "Namespaced",
                    "names": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true,
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                ]
                            ],
                        ]
                    ],
                ],
            ])
        cluster.settle()
        create(
            "/apis/example.org/v1/namespaces/app/widgets",
            ["apiVersion": "example.org/v1", "kind": "Widget", "metadata": ["name": "w"], "size": 3])
    }
}
