import Basics
import ClusterBackup
import Glibc
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import PracticeCluster
import ResticFormat
import ResticRepository
import VeleroAPI
import VeleroControllers

/// A practice cluster with one node, whose folders are real and lie in a temporary one. The test is the kubelet.
struct NodeScene: Sendable {
    let cluster: PracticeCluster
    let client: APIClient
    let root: String
    let store: any ObjectStore
    let key: RepositoryKey
    static let now = Timestamp("2026-11-26T08:00:00Z")!

    var folders: NodeFolders { NodeFolders(pods: "\(root)/pods", root: "\(root)/host") }

    /// - Parameter folder: an empty one.
    init(in folder: String, store: (any ObjectStore)? = nil, password: String = "correct horse") throws {
        root = folder
        cluster = PracticeCluster()
        client = APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: cluster, policy: .never,
            clock: SkippingClock(), random: { 0 })
        self.store = try store ?? FolderObjectStore(path: "\(folder)/store", creates: true)
        key = RepositoryKey(password: Secret(password), source: "of the test")
        try TestFiles.makeFolder("\(folder)/pods")
        try TestFiles.makeFolder("\(folder)/host")
    }

    static let environment = RepositoryEnvironment(
        clock: WallClock { now }, pauses: SkippingClock(),
        owner: LockOwner(hostname: "node1", username: "root", pid: 1))

    func pool(key other: RepositoryKey? = nil, isReadOnly: Bool = false) -> RepositoryPool {
        var options = RepositoryOptions()
        options.keyParameters = .cheap
        let (store, key) = (store, other ?? key)
        return RepositoryPool(
            open: { _ in
                OpenedLocation(store: store, repositoryPrefix: "s3:http://s3/bucket/restic", isReadOnly: isReadOnly)
            }, key: { key }, options: options, environment: NodeScene.environment)
    }

    func worker(pool other: RepositoryPool? = nil, clock: any Clock<Duration> = SteppingClock()) -> VolumeWorker {
        VolumeWorker(
            finder: PlaceFinder(client: client, folders: folders), repositories: other ?? pool(),
            clock: WallClock { NodeScene.now }, pauses: clock, programVersion: "martlet test")
    }

    func volumes(
        _ worker: VolumeWorker? = nil, key other: RepositoryKey? = nil, clock: any Clock<Duration> = SteppingClock()
    ) -> LocalVolumes {
        let key = other ?? key
        return LocalVolumes(worker ?? self.worker(pool: pool(key: key), clock: clock), key: { key })
    }

    /// Backs up the whole cluster with its volumes.
    func backUp(
        _ name: String = "full", _ saver: (any PodVolumeSaver)? = nil, _ change: (inout BackupSpec) -> Void = { _ in }
    ) async throws -> BackupOutcome {
        var spec = BackupSpec()
        change(&spec)
        let backup = DirectBackup(
            client: client, store: store, clock: WallClock { NodeScene.now }, saver: saver ?? volumes())
        return try await backup.run(
            BackupRequest(name: BackupName(name)!, spec: spec, uid: "00000000-0000-0000-0000-00000000000a"))
    }

    func details(_ name: String = "full") async throws -> BackupDetails {
        try await StoredBackups(store).details(BackupName(name)!)
    }

    // MARK: What is in the cluster

    @discardableResult
    func create(_ path: String, _ object: JSONValue) -> APIObject {
        let answer = cluster.request("POST", path, object)
        precondition(answer.code < 300, "\(path): \(String(decoding: answer.body.serialized(), as: UTF8.self))")
        return APIObject(answer.body)
    }

    func createNamespace(_ name: String) {
        create(
            "/api/v1/namespaces", ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    }

    /// A running pod whose volumes are all mounted, each at its name.
    @discardableResult
    func createPod(
        _ name: String = "web", in namespace: String = "app", asking: String = "", volumes: [JSONValue]
    ) throws -> String {
        let mounts = volumes.compactMap { $0["name"]?.string }.map {
            ["name": .string($0), "mountPath": .string("/\($0)")] as JSONValue
        }
        let pod = create(
            "/api/v1/namespaces/\(namespace)/pods",
            [
                "apiVersion": "v1", "kind": "Pod",
                "metadata": [
                    "name": .string(name), "annotations": ["backup.velero.io/backup-volumes": .string(asking)],
                ],
                "spec": [
                    "nodeName": "node1",
                    "containers": [["name": "main", "image": "i", "volumeMounts": .array(mounts)]],
                    "volumes": .array(volumes),
                ],
            ])
        setStatus(["phase": "Running"], ofPod: name, in: namespace)
        let uid = pod.uid ?? ""
        try TestFiles.makeFolder("\(folders.pods)/\(uid)/volumes")
        return uid
    }

    func setStatus(_ status: JSONValue, ofPod name: String, in namespace: String) {
        let answer = cluster.request(
            "PATCH", "/api/v1/namespaces/\(namespace)/pods/\(name)/status", ["status": status],
            contentType: "application/merge-patch+json")
        precondition(answer.code < 300)
    }

    /// A claim that is bound to a PersistentVolume of its own.
    func createClaim(_ name: String, in namespace: String = "app", volume: String, source: JSONValue) {
        create(
            "/api/v1/persistentvolumes",
            [
                "apiVersion": "v1", "kind": "PersistentVolume", "metadata": ["name": .string(volume)],
                "spec": MergePatch(source).applied(to: [
                    "capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"], "storageClassName": "local-path",
                    "persistentVolumeReclaimPolicy": "Delete",
                    "claimRef": [
                        "kind": "PersistentVolumeClaim", "namespace": .string(namespace), "name": .string(name),
                    ],
                ]),
            ])
        create(
            "/api/v1/namespaces/\(namespace)/persistentvolumeclaims",
            [
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": .string(name)],
                "spec": [
                    "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                    "storageClassName": "local-path", "volumeName": .string(volume),
                ],
            ])
        cluster.request(
            "PATCH", "/api/v1/namespaces/\(namespace)/persistentvolumeclaims/\(name)/status",
            ["status": ["phase": "Bound"]], contentType: "application/merge-patch+json")
    }

    /// The folder of a pod's volume, made as the kubelet would.
    @discardableResult
    func mount(_ name: String, plugin: String = "kubernetes.io~empty-dir", pod uid: String) throws -> String {
        let path = "\(folders.pods)/\(uid)/volumes/\(plugin)/\(name)"
        try TestFiles.makeFolder(path)
        return path
    }

    static func emptyDir(_ name: String) -> JSONValue { ["name": .string(name), "emptyDir": [:]] }

    static func claimed(_ name: String, by claim: String) -> JSONValue {
        ["name": .string(name), "persistentVolumeClaim": ["claimName": .string(claim)]]
    }
}
