import Basics
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import PracticeCluster
import ResticFormat
import ResticRepository
import Synchronization
import Testing
import VeleroAPI
import VeleroControllers

@Suite struct MaintenanceTests {
    /// Runs the maintenance until it has told `count` things.
    private func run(
        _ scene: NodeScene, pool: RepositoryPool? = nil, now: Timestamp = NodeScene.now, until count: Int
    ) async throws -> [String] {
        let (events, sink) = AsyncStream.makeStream(of: String.self)
        let maintenance = RepositoryMaintenance(
            client: scene.client, namespace: "velero", repositories: pool ?? scene.pool(), clock: ContinuousClock(),
            wallClock: WallClock { now }
        ) { event in
            switch event {
            case .ready(let name): sink.yield("ready \(name)")
            case .pruned(let name, let freed): sink.yield("pruned \(name) \(freed.bytes > 0)")
            case .failed(let name, let reason): sink.yield("failed \(name): \(reason)")
            case .interrupted: break
            }
        }
        let task = Task { try await maintenance.run() }
        var told: [String] = []
        for await event in events {
            told.append(event)
            if told.count == count { break }
        }
        task.cancel()
        try await task.value
        return told
    }

    private func object(_ scene: NodeScene) throws -> BackupRepository {
        let found = scene.cluster.object("backuprepositories.velero.io", "app-default-restic", in: "velero")
        let json = try #require(found)
        return try BackupRepository(element: APIObject(json))
    }

    private func ask(_ scene: NodeScene, _ change: (inout BackupRepository) -> Void = { _ in }) {
        var object = BackupRepository(of: "app", location: "default", identifier: "s3:x/app", in: "velero")
        change(&object)
        scene.create("/apis/velero.io/v1/namespaces/velero/backuprepositories", object.json)
    }

    @Test func `a new repository is made and ready, and not pruned at once`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.installDefinitions()
            ask(scene)
            #expect(try await run(scene, until: 1) == ["ready app-default-restic"])
            let pool = scene.pool()
            _ = try await pool.repository(.init(location: "default", namespace: "app"), creates: false)
        }
    }

    @Test func `when its time has come, what no snapshot needs is freed and the run is noted`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.installDefinitions()
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            try TestFiles.write(String(repeating: "x", count: 50_000), to: "\(try scene.mount("files", pod: uid))/file")
            _ = try await scene.backUp()
            let pool = scene.pool()
            let repository = try await pool.repository(.init(location: "default", namespace: "app"), creates: false)
            _ = try await repository.removeSnapshots(try await repository.snapshots().map(\.id))
            ask(scene) {
                $0.status.phase = .ready
                $0.status.lastMaintenanceTime = NodeScene.now
                $0.spec.maintenanceFrequency = .seconds(3600)
            }
            let later = NodeScene.now + .seconds(3600)
            #expect(try await run(scene, pool: pool, now: later, until: 1) == ["pruned app-default-restic true"])
            #expect(try await repository.files.list(.pack).isEmpty)
        }
    }

    @Test func `one that cannot be opened says why`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.installDefinitions()
            ask(scene)
            let told = try await run(scene, pool: scene.pool(key: .fallback), until: 1)
            #expect(told.first?.contains("no password to make one with") == true, "\(told)")
        }
    }
}
