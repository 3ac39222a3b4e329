import Basics
import ClusterBackup
import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing
import VeleroAPI

@Suite struct StoredBackupsTests {
    private let demo = BackupName("demo")!

    private func put(_ text: String, at key: String, in store: InMemoryObjectStore) async throws {
        _ = try await store.put(ByteBuffer(string: text), at: ObjectKey(key)!, options: PutOptions())
    }

    @Test func `the bucket of a real Velero is listed and described`() async throws {
        let backups = StoredBackups(try FolderObjectStore(path: Fixtures.veleroDemoBucket))
        let entries = try await backups.list()
        #expect(entries.map(\.name) == [demo])
        #expect(entries.first?.backup?.phase == .completed)
        let details = try await backups.details(demo)
        #expect(details.backup.spec.includedNamespaces == ["demo"])
        #expect(details.resources["v1/Pod"] == ["demo/catalog-6f9d8f5bc5-7qsz9"])
        #expect(details.resources.values.reduce(0) { $0 + $1.count } == 18)
        #expect(details.podVolumeBackups.first?.spec.volume == "files")
        #expect(details.podVolumeBackups.first?.status.snapshotID == "574d2b23")
        #expect(details.volumes.isEmpty)
        #expect(details.archiveSize == ByteCount(8902))
        #expect(details.problems.isEmpty)
        let log = String(decoding: try await backups.log(demo), as: UTF8.self)
        #expect(log.contains("level=info msg=\"Setting up backup temp file\" backup=velero/demo"))
        let plan = try await backups.planDeletion(of: demo)
        #expect(plan.keys.first?.text == "backups/demo/velero-backup.json")
        #expect(plan.keys.count == 6)
        #expect(plan.volumeSnapshots == 1)
    }

    @Test func `what is no whole backup is listed as what it is`() async throws {
        let store = InMemoryObjectStore()
        try await put("{}", at: "backups/broken/velero-backup.json", in: store)
        try await put("x", at: "backups/half/half.tar.gz", in: store)
        try await put(
            #"{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"liar"}}"#,
            at: "backups/other/velero-backup.json", in: store)
        try await put("x", at: "backups/NoName/velero-backup.json", in: store)
        let entries = try await StoredBackups(store).list()
        #expect(entries.map(\.name.text) == ["broken", "half", "other"])
        #expect(entries.allSatisfy { $0.backup == nil })
        if case .incomplete = entries[1].state {} else { Issue.record("half is incomplete") }
        let missing = await #expect(throws: ClusterBackupError.self) {
            try await StoredBackups(store).backup(BackupName("none")!)
        }
        #expect(missing?.code == .notFound)
    }

    @Test func `a backup without its archive is told apart from no backup`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back()
        let archive = ObjectKey("backups/full/full.tar.gz")!
        #expect(try await test.store.delete([archive]).isEmpty)
        let error = await #expect(throws: ClusterBackupError.self) {
            try await StoredBackups(test.store).openArchive(BackupName("full")!, temporaryFolder: "/tmp")
        }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("broken") == true)
        #expect(try await StoredBackups(test.store).details(BackupName("full")!).archiveSize == nil)
    }

    @Test func `deleting takes the backup and its restores, and nothing else`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        for name in ["a", "a-b", "a.b"] { _ = try await test.back(up: name) { $0.includedNamespaces = ["other"] } }
        try await put(#"{"spec":{"backupName":"a"}}"#, at: "restores/r1/velero-restore.json", in: test.store)
        try await put("x", at: "restores/r1/restore-r1-logs.gz", in: test.store)
        try await put(#"{"spec":{"backupName":"a-b"}}"#, at: "restores/r2/velero-restore.json", in: test.store)
        try await put("x", at: "restores/a/restore-a-logs.gz", in: test.store)
        let backups = StoredBackups(test.store)
        let plan = try await backups.planDeletion(of: BackupName("a")!)
        #expect(plan.restores.map(\.text) == ["r1"])
        #expect(plan.keys.count == 11)
        try await backups.delete(plan)
        let keys = try await test.keys()
        #expect(!keys.contains { $0.hasPrefix("backups/a/") || $0.hasPrefix("restores/r1/") })
        #expect(keys.filter { $0.hasPrefix("backups/") }.count == 18)
        #expect(keys.filter { $0.hasPrefix("restores/") }.count == 2)
    }

    @Test func `a plan that is not true any more is refused`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back { $0.includedNamespaces = ["other"] }
        let backups = StoredBackups(test.store)
        let name = BackupName("full")!
        let plan = try await backups.planDeletion(of: name)
        var changed = try await backups.backup(name)
        changed.annotations["changed"] = "yes"
        try await put(changed.json.prettyPrinted(), at: "backups/full/velero-backup.json", in: test.store)
        let error = await #expect(throws: ClusterBackupError.self) { try await backups.delete(plan) }
        #expect(error?.code == .invalid)
        #expect(try await test.keys().count == 9)
    }

    @Test func `a backup under way is deleted only if that is meant`() async throws {
        let test = try BackupTestCluster()
        try await put("x", at: "backups/half/half-logs.gz", in: test.store)
        let backups = StoredBackups(test.store)
        let plan = try await backups.planDeletion(of: BackupName("half")!)
        #expect(plan.backup == nil)
        let error = await #expect(throws: ClusterBackupError.self) { try await backups.delete(plan) }
        #expect(error?.code == .invalid)
        try await backups.delete(plan, evenIfUnfinished: true)
        #expect(try await test.keys().isEmpty)
    }
}
