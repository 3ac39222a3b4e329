import Basics
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import PracticeCluster
import ResticFormat
import Synchronization
import Testing
import Transport
import VeleroAPI
import VeleroControllers

@Suite struct NodeAgentTests {
    /// What an agent told, to be waited for.
    private final class Watcher: Sendable {
        let ends: AsyncStream<(String, PodVolumePhase)>
        private let sink: AsyncStream<(String, PodVolumePhase)>.Continuation
        private let began = Mutex(0)
        let unwritten = Mutex(0)

        init() { (ends, sink) = AsyncStream.makeStream(of: (String, PodVolumePhase).self) }

        var beginnings: Int { began.withLock { $0 } }

        func observe(_ event: NodeAgent.Event) {
            switch event {
            case .began: began.withLock { $0 += 1 }
            case .ended(let name, let phase, _): sink.yield((name, phase))
            case .unwritten: unwritten.withLock { $0 += 1 }
            case .interrupted: break
            }
        }

        /// The next ends, by name.
        func ends(_ count: Int) async -> [String: PodVolumePhase] {
            var found: [String: PodVolumePhase] = [:]
            for await (name, phase) in ends {
                found[name] = phase
                if found.count == count { break }
            }
            return found
        }
    }

    private func running<Result>(
        _ scene: NodeScene, _ watcher: Watcher, worker: VolumeWorker? = nil, client: APIClient? = nil,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let agent = NodeAgent(
            client: client ?? scene.client, namespace: "velero", node: "node1", worker: worker ?? scene.worker(),
            clock: SkippingClock(), observe: watcher.observe)
        let task = Task { try await agent.run() }
        let result: Result
        do {
            result = try await body()
        } catch {
            task.cancel()
            try await task.value
            throw error
        }
        task.cancel()
        try await task.value
        return result
    }

    private func withVolume(_ body: (NodeScene, String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.installDefinitions()
            scene.createNamespace("app")
            let uid = try scene.createPod(volumes: [NodeScene.emptyDir("files"), NodeScene.emptyDir("more")])
            try TestFiles.write("hello", to: "\(try scene.mount("files", pod: uid))/greeting")
            try TestFiles.write("world", to: "\(try scene.mount("more", pod: uid))/other")
            try await body(scene, uid)
        }
    }

    @Test func `objects of the node are worked on, others are left alone`() async throws {
        try await withVolume { scene, uid in
            scene.askForBackup("a", pod: uid)
            scene.askForBackup("b", pod: uid, volume: "more")
            scene.askForBackup("elsewhere", pod: uid, node: "node2")
            scene.askForBackup("done", pod: uid) { $0.status.phase = "Completed" }
            let watcher = Watcher()
            let ends = try await running(scene, watcher) { await watcher.ends(2) }
            #expect(ends == ["PodVolumeBackup velero/a": .completed, "PodVolumeBackup velero/b": .completed])
            let a = try #require(try scene.podVolumeBackup("a"))
            #expect(a.phase == .completed)
            #expect(a.status.snapshotID?.count == 64)
            #expect(a.status.totalBytes == 5)
            #expect(a.status.completionTimestamp == NodeScene.now)
            #expect(try scene.podVolumeBackup("elsewhere")?.status.phase == nil)
            #expect(try scene.podVolumeBackup("done")?.status.snapshotID == nil)
        }
    }

    @Test func `what an earlier run of the agent left under way is done by the next`() async throws {
        try await withVolume { scene, uid in
            scene.askForBackup("left", pod: uid) { $0.status.phase = "InProgress" }
            let watcher = Watcher()
            _ = try await running(scene, watcher) { await watcher.ends(1) }
            #expect(try scene.podVolumeBackup("left")?.phase == .completed)
        }
    }

    @Test func `an object that is to be cancelled is not begun, one that cannot be done says why`() async throws {
        try await withVolume { scene, uid in
            scene.askForBackup("stop", pod: uid) { $0.spec.cancel = true }
            scene.askForBackup("kopia", pod: uid) { $0.spec.uploaderType = "kopia" }
            scene.askForBackup("gone", pod: "other-uid")
            let watcher = Watcher()
            let ends = try await running(scene, watcher) { await watcher.ends(3) }
            #expect(ends["PodVolumeBackup velero/stop"] == .canceled)
            #expect(ends["PodVolumeBackup velero/kopia"] == .failed)
            #expect(try scene.podVolumeBackup("kopia")?.status.message?.contains("kopia") == true)
            #expect(try scene.podVolumeBackup("gone")?.status.message?.contains("replaced by another") == true)
        }
    }

    @Test func `a backup under way is cancelled when the object says so`() async throws {
        try await withVolume { scene, uid in
            // The store answers the first write after the object was changed, so the work is under way for certain.
            let gate = Gate()
            let pool = RepositoryPool(
                open: { _ in
                    try await gate.pass()
                    return OpenedLocation(store: scene.store, repositoryPrefix: "s3:x")
                }, key: { scene.key }, environment: NodeScene.environment)
            scene.askForBackup("a", pod: uid)
            let watcher = Watcher()
            let ends = try await running(scene, watcher, worker: scene.worker(pool: pool)) {
                await gate.reached()
                scene.cluster.request(
                    "PATCH", "/apis/velero.io/v1/namespaces/velero/podvolumebackups/a", ["spec": ["cancel": true]],
                    contentType: "application/merge-patch+json")
                return await watcher.ends(1)
            }
            #expect(ends == ["PodVolumeBackup velero/a": .canceled])
            #expect(try scene.podVolumeBackup("a")?.phase == .canceled)
        }
    }

    @Test func `an agent that is stopped leaves its work under way for the next`() async throws {
        try await withVolume { scene, uid in
            let gate = Gate()
            let pool = RepositoryPool(
                open: { _ in
                    try await gate.pass()
                    return OpenedLocation(store: scene.store, repositoryPrefix: "s3:x")
                }, key: { scene.key }, environment: NodeScene.environment)
            scene.askForBackup("a", pod: uid)
            let first = Watcher()
            try await running(scene, first, worker: scene.worker(pool: pool)) { await gate.reached() }
            #expect(try scene.podVolumeBackup("a")?.phase == .inProgress)
            let second = Watcher()
            let ends = try await running(scene, second) { await second.ends(1) }
            #expect(ends == ["PodVolumeBackup velero/a": .completed])
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the API server fails now and then, and everything is done all the same`(seed: UInt64) async throws {
        try await withVolume { scene, uid in
            var random = SeededGenerator(seed: seed)
            for name in ["a", "b", "c"] { scene.askForBackup(name, pod: uid, volume: name == "b" ? "more" : "files") }
            let match = Fault.Match(verb: "patch", resource: GroupResource("podvolumebackups.velero.io"))
            for _ in 0..<6 {
                let first = Int(random.next() % 8) + 1
                switch random.next() % 3 {
                case 0: scene.cluster.inject(.failing(500, on: match, first: first))
                case 1: scene.cluster.inject(Fault(.loseAnswer(.timeout), on: match, first: first))
                default: scene.cluster.inject(Fault(.fail(.connect), on: match, first: first))
                }
            }
            let watcher = Watcher()
            let ends = try await running(scene, watcher) { await watcher.ends(3) }
            #expect(ends.values.allSatisfy { $0 == .completed }, "\(ends)")
            for name in ["a", "b", "c"] { #expect(try scene.podVolumeBackup(name)?.phase == .completed) }
        }
    }

    @Test func `a restored pod gets its volume from the agent of its node`() async throws {
        try await withVolume { scene, uid in
            scene.askForBackup("a", pod: uid)
            let first = Watcher()
            _ = try await running(scene, first) { await first.ends(1) }
            let snapshot = try #require(try scene.podVolumeBackup("a")?.status.snapshotID)

            let kubelet = PracticeKubelet(scene)
            let waiting = scene.create(
                "/api/v1/namespaces/app/pods",
                [
                    "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "back"],
                    "spec": [
                        "initContainers": [
                            [
                                "name": "restore-wait", "image": "i", "args": ["restore-uid"],
                                "volumeMounts": [["name": "files", "mountPath": "/restores/files"]],
                            ]
                        ],
                        "containers": [["name": "main", "image": "i"]], "volumes": [NodeScene.emptyDir("files")],
                    ],
                ])
            var restore = PodVolumeRestore(name: "r", namespace: "velero")
            restore.labels = ["velero.io/restore-uid": "restore-uid"]
            restore.spec.podNamespace = "app"
            restore.spec.podName = "back"
            restore.spec.podUID = waiting.uid ?? ""
            restore.spec.volume = "files"
            restore.spec.backupStorageLocation = "default"
            restore.spec.snapshotID = String(snapshot.prefix(8))
            restore.spec.sourceNamespace = "app"
            scene.create("/apis/velero.io/v1/namespaces/velero/podvolumerestores", restore.json)
            let second = Watcher()
            let agent = NodeAgent(
                client: scene.client, namespace: "velero", node: "node1", worker: scene.worker(),
                clock: SteppingClock { try kubelet.step() }, observe: second.observe)
            let task = Task { try await agent.run() }
            let ends = await second.ends(1)
            task.cancel()
            try await task.value
            #expect(ends == ["PodVolumeRestore velero/r": .completed])
            let done = try #require(try scene.podVolumeRestore("r"))
            #expect(done.status.node == "node1")
            #expect(done.status.totalBytes == 5)
            let volume = try #require(kubelet.folder(of: "app/back")) + "/kubernetes.io~empty-dir/files"
            #expect(TestFiles.text("\(volume)/greeting") == "hello")
            #expect(RestoreMarker.isPresent("restore-uid", in: volume))
        }
    }
}

/// Holds everybody who passes until they are cancelled, and tells that somebody has come.
private final class Gate: Sendable {
    private let arrivals: AsyncStream<Void>
    private let sink: AsyncStream<Void>.Continuation

    init() { (arrivals, sink) = AsyncStream.makeStream(of: Void.self) }

    func pass() async throws {
        sink.yield()
        // Ends by cancellation alone.
        try await Task.sleep(for: .seconds(1_000_000))
    }

    func reached() async {
        for await _ in arrivals { return }
    }
}
