import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage
import PracticeCluster
import Synchronization
import Transport
import VeleroAPI

/// A backup in a bucket, and a practice cluster to restore it into.
struct RestoreScene {
    /// An object of a backup, with the path of its kind: `configmaps`, `deployments.apps`.
    struct Item {
        let resource: String
        let json: JSONValue

        init(_ resource: String, _ json: JSONValue) {
            self.resource = resource
            self.json = json
        }

        /// A namespaced object of the core group.
        init(_ resource: String, _ kind: String, _ name: String, in namespace: String?, _ more: JSONValue = [:]) {
            var json: JSONValue = ["apiVersion": "v1", "kind": .string(kind), "metadata": ["name": .string(name)]]
            json["metadata", "namespace"] = namespace.map { .string($0) }
            self.init(resource, MergePatch(more).applied(to: json))
        }
    }

    let cluster: PracticeCluster
    let store: InMemoryObjectStore
    let clock = SkippingClock()
    let client: APIClient
    static let backupName = BackupName("demo")!
    static let restoreName = RestoreName("again")!
    static let now = Timestamp("2026-11-22T12:00:00Z")!

    /// - Parameters:
    ///   - entries: further files of the archive, by path.
    ///   - files: further files of the backup; JSON, packed here.
    init(
        _ items: [Item], entries: [(String, String)] = [], files: [BackupFile: JSONValue] = [:],
        settings: PracticeSettings = PracticeSettings()
    ) async throws {
        cluster = PracticeCluster(settings)
        client = try RestoreScene.client(cluster, clock)
        store = InMemoryObjectStore()
        let packer = ArchivePacker(now: RestoreScene.now)
        for item in items {
            let object = APIObject(item.json)
            packer.append(
                item.json.serialized(), resource: GroupResource(item.resource), version: object.groupVersion.version,
                namespace: object.namespace, name: object.name)
        }
        for (path, content) in entries { packer.append(Array(content.utf8), path: path) }
        try await put(packer.finish(), .archive)
        var backup = Backup(name: "demo", namespace: "velero")
        backup.status.phase = .completed
        try await put(ByteBuffer(bytes: backup.json.serialized()), .object)
        for (file, json) in files { try await put(Gzip.compress(json.serialized()), file) }
    }

    private func put(_ bytes: ByteBuffer, _ file: BackupFile) async throws {
        let key = ObjectKey(BackupLayout.key(file, of: RestoreScene.backupName))!
        _ = try await store.put(bytes, at: key, options: PutOptions())
    }

    static func client(_ transport: any HTTPTransport, _ clock: any Clock<Duration>) throws -> APIClient {
        let random = SharedRandom(seed: 7)
        return APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: transport, clock: clock,
            random: { random.next() })
    }

    /// Restores, or plans to.
    func restore(
        store: (any ObjectStore)? = nil, _ change: (inout RestoreSpec, inout RestoreOptions) -> Void = { _, _ in }
    ) async throws -> (outcome: RestoreOutcome, steps: [RestoreStep]) {
        var spec = RestoreSpec()
        var options = RestoreOptions()
        change(&spec, &options)
        let recorder = StepRecorder()
        let run = RestoreRun(
            client: client, store: store ?? self.store,
            request: RestoreRequest(name: RestoreScene.restoreName, backupName: RestoreScene.backupName, spec: spec),
            options: options, clock: clock, wallClock: WallClock { RestoreScene.now }, temporaryFolder: "/tmp")
        let outcome = try await run.run { event in
            recorder.record(event)
        }
        return (outcome, recorder.steps)
    }

    /// The ConfigMaps of the cluster, without those that each namespace gets by itself.
    var configMaps: [String] {
        cluster.names("configmaps").filter { !$0.hasSuffix("/kube-root-ca.crt") }
    }

    /// `create configmaps/a/x`, in the order in which they came.
    static func lines(_ steps: [RestoreStep]) -> [String] { steps.map { "\($0.verb.rawValue) \($0.target)" } }
}

/// Random numbers for many tasks, the same in every run.
final class SharedRandom: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func next() -> UInt64 { generator.withLock { $0.next() } }
}

/// Keeps the steps of a restore.
final class StepRecorder: Sendable {
    private let state = Mutex<[RestoreStep]>([])

    var steps: [RestoreStep] { state.withLock { $0 } }

    func record(_ event: RestoreEvent) {
        guard case .step(let step) = event else { return }
        state.withLock { $0.append(step) }
    }
}
