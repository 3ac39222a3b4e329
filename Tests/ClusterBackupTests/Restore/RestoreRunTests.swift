import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage
import PracticeCluster
import Testing
import VeleroAPI

private typealias Item = RestoreScene.Item

@Suite("Restores into a practice cluster")
struct RestoreRunTests {
    private static let definition = Item(
        "customresourcedefinitions.apiextensions.k8s.io",
        [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced", "conversion": ["strategy": "None"],
                "names": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "schema": [
                            "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                        ],
                    ]
                ],
            ],
        ])

    private static let small = [
        Item("namespaces", "Namespace", "a", in: nil, ["metadata": ["labels": ["team": "x"]]]),
        Item("configmaps", "ConfigMap", "settings", in: "a", ["data": ["key": "1"]]),
        Item("secrets", "Secret", "keys", in: "a", ["type": "Opaque", "data": ["key": "aGVsbG8="]]),
        definition,
        Item(
            "widgets.example.com",
            [
                "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w", "namespace": "a"],
                "spec": ["size": 3],
            ]),
    ]

    @Test("create everything in order, labelled, and say so")
    func creates() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        let (outcome, steps) = try await scene.restore()
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(
            RestoreScene.lines(steps) == [
                "create customresourcedefinitions.apiextensions.k8s.io/widgets.example.com", "create namespaces/a",
                "create secrets/a/keys", "create configmaps/a/settings", "create widgets.example.com/a/w",
            ])
        #expect(scene.cluster.object("namespaces", "a")?["metadata", "labels", "team"] == "x")
        let settings = scene.cluster.object("configmaps", "settings", in: "a")
        #expect(settings?["data"] == ["key": "1"])
        #expect(settings?["metadata", "labels", "velero.io/restore-name"] == "again")
        #expect(settings?["metadata", "labels", "velero.io/backup-name"] == "demo")
        #expect(scene.cluster.object("widgets.example.com", "w", in: "a")?["spec", "size"] == 3)
        #expect(outcome.resources["v1/ConfigMap"] == ["a/settings(created)"])
        #expect(outcome.resources["example.com/v1/Widget"] == ["a/w(created)"])
    }

    @Test("are planned without writing anything, by the same steps")
    func plans() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        let before = scene.cluster.names("namespaces")
        let (planned, plan) = try await scene.restore { $1.isDryRun = true }
        #expect(scene.cluster.names("namespaces") == before)
        #expect(scene.configMaps.count == 0 && scene.cluster.count("widgets.example.com") == 0)
        #expect(planned.recordsProblem == nil)
        let stored = try await scene.store.list(ListRequest(prefix: "restores/"))
        #expect(stored.objects.isEmpty)
        let (_, done) = try await scene.restore()
        #expect(RestoreScene.lines(plan) == RestoreScene.lines(done))
    }

    @Test("leave what is there and equal in silence when they run again")
    func again() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        _ = try await scene.restore()
        let (outcome, steps) = try await scene.restore()
        #expect(outcome.phase == .completed)
        #expect(outcome.warningCount == 0, "\(outcome.results.warnings.all)")
        #expect(steps.allSatisfy { $0.verb == .leave }, "\(steps)")
    }

    @Test("leave what differs, with a warning, or update it", arguments: ["none", "update"])
    func policies(policy: String) async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        _ = scene.cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "a"]])
        _ = scene.cluster.request(
            "POST", "/api/v1/namespaces/a/configmaps",
            ["metadata": ["name": "settings"], "data": ["key": "2", "own": "x"]])
        let (outcome, steps) = try await scene.restore { spec, _ in spec.existingResourcePolicy = policy }
        #expect(outcome.phase == .completed)
        let step = try #require(steps.first { $0.target.name == "settings" })
        #expect(step.changes.map(\.path) == ["data.key", "data.own"])
        let data = scene.cluster.object("configmaps", "settings", in: "a")?["data"]
        if policy == "update" {
            #expect(step.verb == .update && data == ["key": "1"] && outcome.warningCount == 0)
        } else {
            #expect(step.verb == .keep && data == ["key": "2", "own": "x"])
            #expect(outcome.results.warnings.namespaces["a"]?.count == 1)
            #expect(outcome.resources["v1/ConfigMap"] == ["a/settings(skipped)"])
        }
    }

    @Test("map namespaces")
    func mapping() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        let (outcome, _) = try await scene.restore { spec, _ in spec.namespaceMapping = ["a": "b"] }
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(scene.configMaps == ["b/settings"])
        #expect(scene.cluster.object("configmaps", "settings", in: "b") != nil)
        #expect(scene.cluster.object("namespaces", "a") == nil)
    }

    private static func owner(_ manager: String, _ field: String) -> JSONValue {
        [
            "manager": .string(manager), "operation": "Update", "apiVersion": "v1", "time": "2020-01-01T00:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": ["f:data": ["f:\(field)": [:]]],
        ]
    }

    @Test("put the managed fields back as they were saved", arguments: [1, 2])
    func managedFields(owners: Int) async throws {
        let all = [RestoreRunTests.owner("kubectl", "key"), RestoreRunTests.owner("operator", "other")]
        let saved = JSONValue.array(Array(all.prefix(owners)))
        var settings = PracticeSettings()
        settings.recordsManagedFields = true
        let data: JSONValue = owners == 1 ? ["key": "1"] : ["key": "1", "other": "2"]
        let item = Item("configmaps", "ConfigMap", "c", in: "a", ["metadata": ["managedFields": saved], "data": data])
        let scene = try await RestoreScene([item], settings: settings)
        let patches = Fault.Match(verb: "patch", resource: GroupResource("configmaps"))
        if owners == 1 { scene.cluster.inject(Fault.failing(400, on: patches)) }
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        let restored = scene.cluster.object("configmaps", "c", in: "a")?["metadata", "managedFields"]
        if owners == 1 {
            #expect(FieldOwnership.comparable(restored) == FieldOwnership.comparable(saved))
            #expect(scene.cluster.unspentFaults.count == 1, "one request is enough")
        } else {
            #expect(restored == saved)
        }
    }

    @Test("report a saved volume that was not put back, and end PartiallyFailed")
    func volumes() async throws {
        let pod = Item(
            "pods", "Pod", "p", in: "a",
            ["spec": ["containers": [["name": "c", "image": "x"]], "volumes": [["name": "data", "emptyDir": [:]]]]])
        let saved: JSONValue = [
            [
                "metadata": ["name": "demo-1"],
                "spec": ["pod": ["namespace": "a", "name": "p"], "volume": "data"],
                "status": ["phase": "Completed", "snapshotID": "1234abcd"],
            ]
        ]
        let scene = try await RestoreScene([pod], files: [.podVolumeBackups: saved])
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .partiallyFailed)
        #expect(
            outcome.results.errors.namespaces["a"]?.first?.hasPrefix("volume data of pod a/p was not restored") == true)
        #expect(scene.cluster.object("pods", "p", in: "a") != nil)
    }

    @Test("name a kind that the cluster does not serve, and what to do")
    func missingKind() async throws {
        let items = RestoreRunTests.small.filter { $0.resource.hasPrefix("widgets") || $0.resource == "configmaps" }
        let scene = try await RestoreScene(items)
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .partiallyFailed)
        let message = try #require(outcome.results.errors.namespaces["a"]?.first)
        #expect(message.contains("widgets.example.com/a/w") && message.contains("example.com/v1"))
        #expect(message.contains("--include-cluster-resources"))
        #expect(scene.configMaps.count == 1)
    }

    @Test("refuse items that are not what their path says, by name, and restore the others")
    func hostileItems() async throws {
        let scene = try await RestoreScene(
            RestoreRunTests.small,
            entries: [
                ("resources/configmaps/namespaces/a/broken.json", "{"),
                (
                    "resources/configmaps/namespaces/a/liar.json",
                    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"liar","namespace":"kube-system"}}"#
                ),
                (
                    "resources/configmaps/namespaces/a/wolf.json",
                    #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"wolf","namespace":"a"}}"#
                ),
            ])
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .partiallyFailed)
        for name in ["broken", "liar", "wolf"] {
            #expect(outcome.results.errors.all.contains { $0.contains("configmaps/a/\(name) is refused") })
        }
        #expect(scene.cluster.object("configmaps", "settings", in: "a") != nil)
        #expect(scene.configMaps.count == 1)
    }

    @Test("leave their log and results in the bucket, where velero looks for them")
    func records() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        let (outcome, _) = try await scene.restore()
        #expect(outcome.recordsProblem == nil)
        let keys = try await scene.store.list(ListRequest(prefix: "restores/again/")).objects.map(\.key.text)
        #expect(
            keys == [
                "restores/again/again-volumeinfo.json.gz", "restores/again/restore-again-itemoperations.json.gz",
                "restores/again/restore-again-logs.gz", "restores/again/restore-again-resource-list.json.gz",
                "restores/again/restore-again-results.gz",
            ])
        let log = try Gzip.decompress(outcome.log, limit: 1 << 20)
        let text = String(decoding: log, as: UTF8.self)
        #expect(text.contains("create configmaps/a/settings") && !text.contains("aGVsbG8="))
    }

    @Test("go on in a store that is read-only, and say that nothing was kept there")
    func readOnly() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        let (outcome, _) = try await scene.restore(store: RefusingStore(inner: scene.store))
        #expect(outcome.phase == .completed)
        #expect(outcome.recordsProblem?.contains("could not be written") == true)
    }

    @Test("skip what had ended, and bring claims and volumes with pods")
    func additionalItems() async throws {
        let claim: JSONValue = [
            "spec": [
                "volumeName": "pv1", "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
            ],
            "status": ["phase": "Bound"],
        ]
        let volume: JSONValue = [
            "spec": [
                "persistentVolumeReclaimPolicy": "Retain", "capacity": ["storage": "1Gi"],
                "accessModes": ["ReadWriteOnce"], "hostPath": ["path": "/x"],
                "claimRef": [
                    "namespace": "a", "name": "c", "uid": "old", "kind": "PersistentVolumeClaim", "apiVersion": "v1",
                ],
            ]
        ]
        func pod(_ phase: String) -> JSONValue {
            [
                "metadata": ["labels": ["app": "db"]],
                "spec": [
                    "containers": [["name": "c", "image": "x"]],
                    "volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "c"]]],
                ], "status": ["phase": .string(phase)],
            ]
        }
        let scene = try await RestoreScene([
            Item("pods", "Pod", "done", in: "a", pod("Succeeded")),
            Item("pods", "Pod", "live", in: "a", pod("Running")),
            Item("persistentvolumeclaims", "PersistentVolumeClaim", "c", in: "a", claim),
            Item("persistentvolumes", "PersistentVolume", "pv1", in: nil, volume),
            Item("configmaps", "ConfigMap", "other", in: "a"),
        ])
        let (outcome, steps) = try await scene.restore { spec, _ in
            spec.includedNamespaces = ["a"]
            spec.labelSelector = try? LabelSelector(["matchLabels": ["app": "db"]])
        }
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(
            RestoreScene.lines(steps) == [
                "skip pods/a/done", "create persistentvolumes/pv1", "create namespaces/a",
                "create persistentvolumeclaims/a/c", "create pods/a/live",
            ])
        #expect(scene.cluster.object("persistentvolumes", "pv1")?["spec", "claimRef", "uid"] != "old")
    }

    @Test("throw before anything is done when the request or the backup is no good")
    func refusals() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        await #expect(throws: ClusterBackupError.self) {
            try await scene.restore { spec, _ in spec.includedResources = ["nodes"] }
        }
        await #expect(throws: ClusterBackupError.self) {
            try await scene.restore { spec, _ in spec.resourceModifier = LocalReference(kind: "configmap", name: "none")
            }
        }
        await #expect(throws: ClusterBackupError.self) { try await scene.restore(store: InMemoryObjectStore()) }
        #expect(scene.configMaps.count == 0)
    }

    @Test("apply modifiers and plug-in settings from Velero's namespace")
    func plugins() async throws {
        let scene = try await RestoreScene(RestoreRunTests.small)
        _ = scene.cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "velero"]])
        let yaml = """
            version: v1
            resourceModifierRules:
            - conditions: {groupResource: configmaps, resourceNameRegex: "^set"}
              mergePatches: [{patchData: "{\\"data\\":{\\"added\\":\\"yes\\"}}"}]
            """
        _ = scene.cluster.request(
            "POST", "/api/v1/namespaces/velero/configmaps",
            ["metadata": ["name": "rules"], "data": ["rules.yaml": .string(yaml)]])
        let (outcome, _) = try await scene.restore { spec, _ in
            spec.resourceModifier = LocalReference(kind: "configmap", name: "rules")
        }
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(scene.cluster.object("configmaps", "settings", in: "a")?["data"] == ["key": "1", "added": "yes"])
    }
}

/// A store that can be read and not written.
private struct RefusingStore: ObjectStore {
    let inner: InMemoryObjectStore

    var location: String { inner.location }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await inner.head(key) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await inner.get(key, options: options)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await inner.list(request) }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        throw StoreError(.forbidden, "read-only")
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        throw StoreError(.forbidden, "read-only")
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        throw StoreError(.forbidden, "read-only")
    }
}
