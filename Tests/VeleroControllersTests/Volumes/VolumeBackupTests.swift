import Basics
import ClusterBackup
import Glibc
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import PracticeCluster
import ResticFormat
import ResticRepository
import Testing
import VeleroAPI
import VeleroControllers

@Suite struct VolumeBackupTests {
    @Test func `an emptyDir and a hostPath claim are saved and recorded as Velero records them`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            scene.createClaim("data", volume: "pvc-1", source: ["hostPath": ["path": "/opt/pvc-1"]])
            let uid = try scene.createPod(
                asking: "files,data", volumes: [NodeScene.emptyDir("files"), NodeScene.claimed("data", by: "data")])
            let files = try scene.mount("files", pod: uid)
            try TestFiles.write("hello", to: "\(files)/greeting")
            try TestFiles.makeFolder("\(folder)/host/opt/pvc-1")
            try TestFiles.write("rows", to: "\(folder)/host/opt/pvc-1/table")

            let outcome = try await scene.backUp()
            #expect(outcome.phase == .completed, "\(outcome.results)")
            let details = try await scene.details()
            #expect(details.podVolumeBackups.map(\.spec.volume) == ["files", "data"])
            let saved = try #require(details.podVolumeBackups.first)
            #expect(saved.phase == .completed)
            #expect(saved.name.hasPrefix("full-") && saved.name.count == 10)
            #expect(saved.namespace == "velero")
            #expect(saved.labels["velero.io/backup-name"] == "full")
            #expect(saved.spec.node == "node1")
            #expect(saved.spec.podUID == uid)
            #expect(saved.spec.uploaderType == "restic")
            #expect(saved.spec.repoIdentifier == "s3:http://s3/bucket/restic/app")
            #expect(Set(saved.spec.tags.keys) == ["backup", "backup-uid", "pod", "pod-uid", "ns", "volume"])
            #expect(saved.status.path == files)
            #expect(saved.status.snapshotID?.count == 64)
            #expect(saved.status.totalBytes == 5)
            #expect(saved.status.startTimestamp == NodeScene.now)
            let claimed = details.podVolumeBackups[1]
            #expect(claimed.annotations["velero.io/pvc-name"] == "data")
            #expect(claimed.labels["velero.io/pvc-uid"] == claimed.spec.tags["pvc-uid"])
            #expect(claimed.status.path == "\(folder)/host/opt/pvc-1")
            let info = try #require(details.volumes.first { $0.pvName == "pvc-1" })
            #expect(info.method == .podVolumeBackup)
            #expect(info.isSkipped == nil)
            #expect(info.result == "succeeded")
            #expect(info.podVolumeBackup?.snapshotHandle == claimed.status.snapshotID)
            #expect(info.reclaimPolicy == "Delete")
        }
    }

    @Test func `the next backup of a claim reads only what changed, though the pod is another`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            scene.createClaim("data", volume: "pvc-1", source: ["hostPath": ["path": "/opt/pvc-1"]])
            let volume = "\(folder)/host/opt/pvc-1"
            try TestFiles.makeFolder(volume)
            try TestFiles.write(String(repeating: "x", count: 100_000), to: "\(volume)/large")
            try scene.createPod("one", asking: "data", volumes: [NodeScene.claimed("data", by: "data")])
            _ = try await scene.backUp("first")
            scene.cluster.request("DELETE", "/api/v1/namespaces/app/pods/one?gracePeriodSeconds=0")
            try scene.createPod("two", asking: "data", volumes: [NodeScene.claimed("data", by: "data")])
            try TestFiles.write("new", to: "\(volume)/small")
            _ = try await scene.backUp("second")

            let first = try #require(try await scene.details("first").podVolumeBackups.first)
            let second = try #require(try await scene.details("second").podVolumeBackups.first)
            #expect(second.phase == .completed, "\(second.status)")
            #expect(try #require(first.status.incrementalBytes) >= 100_000)
            #expect(try #require(second.status.incrementalBytes) < 10_000)
            let repository = try await scene.pool().repository(
                RepositoryPool.Place(location: "default", namespace: "app"), creates: false)
            let snapshots = try await repository.snapshots()
            #expect(snapshots.count == 2)
            let stored = try #require(snapshots.first { $0.id.description == second.status.snapshotID })
            #expect(stored.snapshot.parent?.description == first.status.snapshotID)
            #expect(stored.snapshot.hostname == "velero")
            #expect(stored.snapshot.paths == [volume])
            #expect(stored.snapshot.summary?.filesUnmodified == 1)
        }
    }

    @Test func `an empty volume is complete and has no snapshot`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            try scene.mount("files", pod: uid)
            let outcome = try await scene.backUp()
            #expect(outcome.phase == .completed, "\(outcome.results)")
            let saved = try #require(try await scene.details().podVolumeBackups.first)
            #expect(saved.status.snapshotID == "")
            #expect(saved.status.message == "volume was empty so no snapshot was taken")
        }
    }

    @Test func `a volume that is not where it should be fails alone, with the reason`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            let uid = try scene.createPod(
                asking: "files,other", volumes: [NodeScene.emptyDir("files"), NodeScene.emptyDir("other")])
            try TestFiles.write("hello", to: "\(try scene.mount("files", pod: uid))/greeting")
            let outcome = try await scene.backUp()
            #expect(outcome.phase == .partiallyFailed)
            let errors = outcome.results.errors.namespaces["app"] ?? []
            #expect(errors.count == 1)
            #expect(errors.first?.contains("volume other") == true)
            #expect(errors.first?.contains("no plug-in of the kubelet has mounted 'other'") == true)
            let saved = try await scene.details().podVolumeBackups
            #expect(saved.map(\.phase) == [.completed, .failed])
        }
    }

    @Test func `a pod of another node is an error that names the node`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            try TestFiles.remove("\(scene.folders.pods)/\(uid)/volumes")
            try TestFiles.remove("\(scene.folders.pods)/\(uid)")
            let outcome = try await scene.backUp()
            #expect(outcome.results.errors.namespaces["app"]?.first?.contains("is on node node1, not on this") == true)
        }
    }

    @Test func `a claim whose PersistentVolume belongs to another claim is refused`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            scene.createClaim("data", volume: "pvc-1", source: ["hostPath": ["path": "/opt/pvc-1"]])
            try TestFiles.makeFolder("\(folder)/host/opt/pvc-1")
            try TestFiles.write("secret", to: "\(folder)/host/opt/pvc-1/file")
            scene.cluster.request(
                "PATCH", "/api/v1/persistentvolumes/pvc-1", ["spec": ["claimRef": ["namespace": "elsewhere"]]],
                contentType: "application/merge-patch+json")
            try scene.createPod(asking: "data", volumes: [NodeScene.claimed("data", by: "data")])
            let outcome = try await scene.backUp()
            #expect(outcome.results.errors.namespaces["app"]?.first?.contains("belongs to another claim") == true)
        }
    }

    @Test func `without a password nothing is made, and Velero's own opens what is there with a warning`() async throws
    {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder, password: "static-passw0rd")
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            try TestFiles.write("hello", to: "\(try scene.mount("files", pod: uid))/greeting")
            let refused = try await scene.backUp("first", scene.volumes(key: .fallback))
            #expect(refused.phase == .partiallyFailed)
            #expect(refused.results.errors.namespaces["app"]?.first?.contains("no password to make one with") == true)
            let made = try await scene.backUp("second")
            #expect(made.phase == .completed, "\(made.results)")
            #expect(made.results.warnings.velero.contains { $0.contains("the one that Velero ships") })
            let opened = try await scene.backUp("third", scene.volumes(key: .fallback))
            #expect(opened.phase == .completed, "\(opened.results)")
            #expect(opened.results.warnings.velero.contains { $0.contains("the one that Velero ships") })
        }
    }

    @Test func `a location that is read-only gets no new repository`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            try TestFiles.write("hello", to: "\(try scene.mount("files", pod: uid))/greeting")
            let outcome = try await scene.backUp(
                "full", scene.volumes(scene.worker(pool: scene.pool(isReadOnly: true))))
            #expect(outcome.results.errors.namespaces["app"]?.first?.contains("there is no repository") == true)
        }
    }

    @Test func `the real restic reads what was saved`() async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("app")
            let uid = try scene.createPod(asking: "files", volumes: [NodeScene.emptyDir("files")])
            let files = try scene.mount("files", pod: uid)
            try TestFiles.write("hello", to: "\(files)/greeting", mode: 0o640)
            try TestFiles.makeFolder("\(files)/a/b")
            _ = try await scene.backUp()
            let saved = try #require(try await scene.details().podVolumeBackups.first)
            let snapshot = try #require(saved.status.snapshotID)
            for restic in ResticProgram.all {
                let repository = "\(folder)/store/restic/app"
                func run(_ arguments: [String], in folder: String? = nil) throws -> ProgramRun {
                    try restic.run(arguments, repository: repository, password: "correct horse", in: folder)
                }
                let tags = saved.spec.tags.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                let listed = try run(["snapshots", "--json", "--latest=1", "--tag=\(tags)"])
                #expect(listed.exitCode == 0 && listed.output.contains(snapshot), "\(listed)")
                let checked = try run(["check", "--read-data"])
                #expect(checked.exitCode == 0, "\(checked)")
                let target = "\(folder)/target-\(restic.path.split(separator: "/").joined(separator: "-"))"
                try TestFiles.makeFolder(target)
                let restored = try run(["restore", String(snapshot.prefix(8)), "--target=."], in: target)
                #expect(restored.exitCode == 0, "\(restored)")
                #expect(TestFiles.text("\(target)/greeting") == "hello")
                #expect(try TestFiles.status("\(target)/greeting").st_mode & 0o777 == 0o640)
                #expect(TestFiles.exists("\(target)/a/b"))
            }
        }
    }
}
