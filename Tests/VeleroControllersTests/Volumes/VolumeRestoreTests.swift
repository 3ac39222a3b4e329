import Basics
import ClusterBackup
import Glibc
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import PracticeCluster
import Testing
import VeleroAPI
import VeleroControllers

@Suite struct VolumeRestoreTests {
    private func restore(
        _ backup: String, into scene: NodeScene, _ kubelet: PracticeKubelet, _ key: RepositoryKey? = nil,
        isDryRun: Bool = false, name: String = "again"
    ) async throws -> RestoreOutcome {
        var options = RestoreOptions()
        options.isDryRun = isDryRun
        options.waiter = RestoreWaiter(image: "martlet:test", restoreUID: "")
        let clock = SteppingClock { try kubelet.step() }
        let run = RestoreRun(
            client: scene.client, store: scene.store,
            request: RestoreRequest(name: RestoreName(name)!, backupName: BackupName(backup)!), options: options,
            clock: SkippingClock(), wallClock: WallClock { NodeScene.now }, temporaryFolder: "/tmp",
            restorer: scene.volumes(key: key, clock: clock))
        return try await run.run()
    }

    /// A pod with a volume, saved; then another cluster with the same store.
    private func withSavedPod(_ body: (NodeScene, PracticeKubelet, TreeListing) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let lost = try NodeScene(
                in: "\(folder)/lost", store: FolderObjectStore(path: "\(folder)/bucket", creates: true))
            lost.createNamespace("app")
            let uid = try lost.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            let files = try lost.mount("files", pod: uid)
            try TestFiles.write("hello", to: "\(files)/greeting", mode: 0o4750)
            try TestFiles.makeFolder("\(files)/a/b")
            try TestFiles.link("\(files)/link", to: "greeting")
            try TestFiles.setMode(files, 0o700)
            if TestFiles.isRoot {
                try TestFiles.setOwner("\(files)/a", 999, 998)
                try TestFiles.setOwner(files, 26, 27)
                try TestFiles.setMode(files, 0o700)
            }
            let outcome = try await lost.backUp()
            #expect(outcome.phase == .completed, "\(outcome.results)")
            let found = try NodeScene(in: "\(folder)/new", store: lost.store)
            try await body(found, PracticeKubelet(found), try TreeListing(of: files))
        }
    }

    @Test func `a pod waits until its volume is as it was, owners, modes and its own folder included`() async throws {
        try await withSavedPod { scene, kubelet, saved in
            let outcome = try await restore("full", into: scene, kubelet)
            #expect(outcome.phase == .completed, "\(outcome.results)")
            #expect(outcome.volumes.map(\.phase) == [.completed])
            let volume = try #require(kubelet.folder(of: "app/web")) + "/kubernetes.io~empty-dir/files"
            try kubelet.step()
            #expect(kubelet.filled == ["app/web"])
            try RestoreMarker.remove(from: volume)
            #expect(try TreeListing(of: volume).differences(from: saved) == [])
            let root = try TestFiles.status(volume)
            #expect(root.st_mode & 0o7777 == 0o700)
            if TestFiles.isRoot {
                #expect(root.st_uid == 26)
                #expect(root.st_gid == 27)
            }
            let pod = try #require(scene.cluster.object("pods", "web", in: "app"))
            let container = try #require(pod["spec", "initContainers"]?.array?.first)
            #expect(container["image"] == "martlet:test")
            #expect(container["command"] == ["martlet"])
            #expect(container["args"]?.array?.first == "restore-helper")
            #expect(container["volumeMounts"]?.array?.first?["mountPath"] == "/restores/files")
            #expect(pod["spec", "volumes"]?.array?.first?["name"] == "files")
        }
    }

    @Test func `the plan names what would be filled and fills nothing`() async throws {
        try await withSavedPod { scene, kubelet, _ in
            let outcome = try await restore("full", into: scene, kubelet, isDryRun: true)
            #expect(outcome.errorCount == 0, "\(outcome.results)")
            #expect(scene.cluster.names("pods") == [])
            #expect(kubelet.filled.isEmpty)
        }
    }

    @Test func `a pod that comes never so far is an error with the reason, after a time that is bounded`() async throws
    {
        try await withSavedPod { scene, kubelet, _ in
            // Nobody starts it.
            var options = RestoreOptions()
            options.waiter = RestoreWaiter(image: "martlet:test", restoreUID: "")
            let run = RestoreRun(
                client: scene.client, store: scene.store,
                request: RestoreRequest(name: RestoreName("again")!, backupName: BackupName("full")!),
                options: options, clock: SkippingClock(), wallClock: WallClock { NodeScene.now },
                temporaryFolder: "/tmp", restorer: scene.volumes())
            let outcome = try await run.run()
            #expect(outcome.phase == .partiallyFailed)
            let errors = outcome.results.errors.namespaces["app"] ?? []
            #expect(errors.count == 1)
            #expect(errors.first?.contains("did not wait for its volumes within 1800 s") == true, "\(errors)")
            // Run again, with a kubelet: the pod that waits since then gets its data.
            let again = try await restore("full", into: scene, kubelet)
            #expect(again.phase == .completed, "\(again.results)")
            #expect(again.volumes.map(\.phase) == [.completed])
            let volume = try #require(kubelet.folder(of: "app/web")) + "/kubernetes.io~empty-dir/files"
            #expect(TestFiles.text("\(volume)/greeting") == "hello")
        }
    }

    @Test func `a wrong key fills nothing, and the pod goes on waiting`() async throws {
        try await withSavedPod { scene, kubelet, _ in
            let wrong = RepositoryKey(password: Secret("wrong"), source: "of the test")
            let outcome = try await restore("full", into: scene, kubelet, wrong)
            #expect(outcome.phase == .partiallyFailed)
            #expect(outcome.results.errors.namespaces["app"]?.first?.contains("opens none") == true)
            try kubelet.step()
            #expect(kubelet.filled.isEmpty)
        }
    }

    @Test func `the backup that a real Velero made comes back whole, objects and volume`() async throws {
        try await withTemporaryFolder { folder in
            let bucket = InMemoryObjectStore()
            let fixture = try FolderObjectStore(path: Fixtures.veleroDemoBucket, creates: false)
            for try await object in fixture.objects(prefix: "") {
                let bytes = try await fixture.read(object.key, limit: .mebibytes(16))
                _ = try await bucket.put(bytes, at: object.key, options: PutOptions())
            }
            let scene = try NodeScene(in: folder, store: bucket)
            let kubelet = PracticeKubelet(scene)
            let outcome = try await restore("demo", into: scene, kubelet, .fallback)
            #expect(outcome.phase == .completed, "\(outcome.results.errors)")
            #expect(outcome.volumes.map(\.spec.volume) == ["files"])
            #expect(outcome.volumes.first?.spec.sourceNamespace == "demo")
            #expect(outcome.results.warnings.velero.contains { $0.contains("the one that Velero ships") })
            #expect(scene.cluster.names("deployments.apps") == ["demo/catalog"])
            let pod = try #require(scene.cluster.names("pods").first)
            let volume = try #require(kubelet.folder(of: pod)) + "/kubernetes.io~empty-dir/files"
            try kubelet.step()
            #expect(kubelet.filled == [pod])
            let numbers = (1...20000).map { "\($0)\n" }.joined()
            #expect(TestFiles.text("\(volume)/a/numbers.txt") == numbers)
            #expect(try TestFiles.status("\(volume)/a/numbers.txt").st_mode & 0o7777 == 0o4750)
            #expect(try TestFiles.status("\(volume)/hard").st_ino == TestFiles.status("\(volume)/a/numbers.txt").st_ino)
            #expect(try TestFiles.status("\(volume)/zeros.bin").st_size == 300_000)
            if TestFiles.isRoot { #expect(try TestFiles.status("\(volume)/zeros.bin").st_uid == 33) }
            #expect(try TestFiles.status("\(volume)/pipe").st_mode & 0o170000 == 0o010000)
            #expect(TestFiles.exists("\(volume)/café \"q\" <&>.txt"))
            #expect(TestFiles.exists("\(volume)/a/b"))
            #expect(TestFiles.text("\(volume)/empty") == "")
        }
    }
}

@Suite struct RestoreMarkerTests {
    @Test func `the sign takes the place of whatever is there, and follows no link`() async throws {
        try await withTemporaryFolder { folder in
            let volume = "\(folder)/volume"
            let outside = "\(folder)/outside"
            try TestFiles.makeFolder(volume)
            try TestFiles.makeFolder(outside)
            try TestFiles.write("keep", to: "\(outside)/file")
            try TestFiles.link("\(volume)/.velero", to: outside)
            try RestoreMarker.put("uid-1", into: volume)
            #expect(TestFiles.text("\(outside)/file") == "keep")
            #expect(RestoreMarker.isPresent("uid-1", in: volume))
            #expect(try TestFiles.status("\(volume)/.velero").st_mode & 0o170777 == 0o040755)
            try RestoreMarker.put("uid-2", into: volume)
            #expect(!RestoreMarker.isPresent("uid-1", in: volume))
            #expect(RestoreMarker.isPresent("uid-2", in: volume))
            #expect(throws: ControllerError.self) { try RestoreMarker.put("../uid", into: volume) }
            try RestoreMarker.remove(from: volume)
            #expect(!TestFiles.exists("\(volume)/.velero"))
        }
    }
}
