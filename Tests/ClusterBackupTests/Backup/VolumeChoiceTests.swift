import ClusterBackup
import KubernetesModel
import Testing
import VeleroAPI

@Suite struct VolumeChoiceTests {
    private static func claim(_ name: String, volume: String?, mode: String = "Filesystem") -> APIObject {
        var json: JSONValue = [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": ["name": .string(name), "namespace": "app", "uid": .string("uid-\(name)")],
            "spec": ["volumeMode": .string(mode)], "status": ["phase": volume == nil ? "Pending" : "Bound"],
        ]
        json["spec", "volumeName"] = volume.map { .string($0) }
        return APIObject(json)
    }

    private static let hostPathVolume = APIObject([
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": ["name": "pvc-1"],
        "spec": [
            "hostPath": ["path": "/opt/local-path-provisioner/pvc-1"], "storageClassName": "local-path",
            "claimRef": ["namespace": "app", "name": "data"],
        ],
    ])

    /// A pod with a volume of every sort.
    private static func pod(
        _ name: String = "web", annotations: [String: JSONValue] = [:], phase: String = "Running"
    ) -> APIObject {
        let mounts = ["data", "files", "config", "host", "pending"].map { ["name": .string($0)] as JSONValue }
        return APIObject([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(name), "namespace": "app", "uid": .string("uid-\(name)"),
                "annotations": .object(annotations),
            ],
            "spec": [
                "nodeName": "node1",
                "containers": [["name": "main", "image": "i", "volumeMounts": .array(mounts)]],
                "volumes": [
                    ["name": "data", "persistentVolumeClaim": ["claimName": "data"]],
                    ["name": "files", "emptyDir": [:]], ["name": "config", "configMap": ["name": "c"]],
                    ["name": "host", "hostPath": ["path": "/etc"]], ["name": "unused", "emptyDir": [:]],
                    ["name": "pending", "persistentVolumeClaim": ["claimName": "pending"]],
                ],
            ],
            "status": ["phase": .string(phase)],
        ])
    }

    private static func asking(_ volumes: String, excluding: String = "") -> [String: JSONValue] {
        [
            "backup.velero.io/backup-volumes": .string(volumes),
            "backup.velero.io/backup-volumes-excludes": .string(excluding),
        ]
    }

    private static func choice(
        _ pods: [APIObject], byDefault: Bool = false, policy: ResourcePolicy? = nil
    ) -> VolumeChoice {
        var spec = BackupSpec()
        spec.defaultVolumesToFsBackup = byDefault
        let objects = pods + [claim("data", volume: "pvc-1"), claim("pending", volume: nil), hostPathVolume]
        return VolumeChoice(among: objects, for: spec, policy: policy)
    }

    private static func names(_ choice: VolumeChoice) -> [String] {
        choice.pods.flatMap { pod in pod.volumes.map { "\(pod.name)/\($0.name)" } }
    }

    private static func texts(_ choice: VolumeChoice, _ level: MessageLevel) -> [String] {
        choice.messages.filter { $0.level == level }.map(\.text)
    }

    @Test func `without a wish nothing is chosen and nothing said`() {
        let choice = Self.choice([Self.pod()])
        #expect(Self.names(choice).isEmpty)
        #expect(choice.messages.isEmpty)
    }

    @Test func `an annotation chooses its volumes, a claim on a hostPath volume too`() throws {
        let choice = Self.choice([Self.pod(annotations: Self.asking(" data, files"))])
        #expect(Self.names(choice) == ["web/data", "web/files"])
        #expect(choice.messages.isEmpty)
        let data = try #require(choice.pods.first?.volumes.first)
        #expect(data.claim == "data")
        #expect(data.claimUID == "uid-data")
        #expect(data.persistentVolume == "pvc-1")
        #expect(choice.pods.first?.node == "node1")
        #expect(choice.pods.first?.uid == "uid-web")
    }

    @Test func `a name that is no volume and a config map are warnings, not errors`() {
        let choice = Self.choice([Self.pod(annotations: Self.asking("config,gone"))])
        #expect(Self.texts(choice, .error).isEmpty)
        let warnings = Self.texts(choice, .warning)
        #expect(warnings.count == 2)
        #expect(warnings.contains { $0.contains("volume config") && $0.contains("configMap") })
        #expect(warnings.contains { $0.contains("volume gone") && $0.contains("no volume of that name") })
    }

    @Test(arguments: [("host", "folder of the node"), ("unused", "no container"), ("pending", "not bound")])
    func `what was named and cannot be saved is an error with its reason`(volume: String, reason: String) {
        let choice = Self.choice([Self.pod(annotations: Self.asking(volume))])
        let errors = Self.texts(choice, .error)
        #expect(errors.count == 1)
        #expect(errors.first?.contains(reason) == true, "\(errors)")
    }

    @Test func `by default all that can be saved is chosen, but for what the pod leaves out`() {
        let choice = Self.choice([Self.pod(annotations: Self.asking("", excluding: "files"))], byDefault: true)
        #expect(Self.names(choice) == ["web/data"])
        // The host's folder, the config map and what nobody mounts are left in silence; a claim without volume is not.
        #expect(Self.texts(choice, .error).count == 1)
        #expect(Self.texts(choice, .error).first?.contains("pending is not bound") == true)
    }

    @Test func `a pod that does not run cannot be saved, one that has ended is not asked`() {
        let asking = Self.asking("data")
        let pending = Self.choice([Self.pod(annotations: asking, phase: "Pending")])
        #expect(Self.texts(pending, .error).first?.contains("the pod is Pending") == true)
        let ended = Self.choice([Self.pod(annotations: asking, phase: "Succeeded")])
        #expect(Self.names(ended).isEmpty)
        #expect(ended.messages.isEmpty)
    }

    @Test func `a claim that pods share is saved through one of them`() {
        let choice = Self.choice([
            Self.pod("b", annotations: Self.asking("data")), Self.pod("a", annotations: Self.asking("data")),
        ])
        #expect(Self.names(choice) == ["a/data"])
        #expect(choice.messages.isEmpty)
    }

    @Test func `a block device is refused where it is named and left out by default`() {
        var spec = BackupSpec()
        let named = Self.pod(annotations: Self.asking("data"))
        let objects = [Self.claim("data", volume: "pvc-1", mode: "Block"), Self.hostPathVolume]
        let refused = VolumeChoice(among: objects + [named], for: spec)
        #expect(Self.texts(refused, .error).first?.contains("block device") == true)
        spec.defaultVolumesToFsBackup = true
        let excluding = Self.pod(annotations: Self.asking("", excluding: "pending,files"))
        let silent = VolumeChoice(among: objects + [excluding], for: spec)
        #expect(Self.names(silent).isEmpty)
        #expect(Self.texts(silent, .error).isEmpty)
    }

    @Test func `a policy is stronger than annotations and default`() throws {
        let skip = try Self.policy(action: "skip")
        let asked = Self.choice([Self.pod(annotations: Self.asking("data,files"))], policy: skip)
        #expect(Self.names(asked) == ["web/files"])
        let save = try Self.policy(action: "fs-backup")
        let unasked = Self.choice([Self.pod(annotations: Self.asking("", excluding: "data"))], policy: save)
        #expect(Self.names(unasked) == ["web/data"])
    }

    @Test func `a bound claim that nobody mounts is told of where its data was asked for`() throws {
        let silent = Self.choice([])
        #expect(silent.messages.isEmpty)
        let byDefault = Self.choice([], byDefault: true)
        #expect(Self.texts(byDefault, .warning).first?.contains("no pod that runs") == true)
        let byPolicy = Self.choice([], policy: try Self.policy(action: "fs-backup"))
        #expect(Self.texts(byPolicy, .error).first?.contains("no pod that runs") == true)
    }

    private static func policy(action: String) throws -> ResourcePolicy {
        try ResourcePolicy(
            configMap: APIObject([
                "metadata": ["name": "p"],
                "data": [
                    "policy": .string(
                        "version: v1\nvolumePolicies: [{conditions: {storageClass: [local-path]}, action: {type: \(action)}}]"
                    )
                ],
            ]))
    }
}
