import KubernetesModel
import Testing
import VeleroAPI

@Suite struct BackupLayoutTests {
    @Test func `keys are those of Velero`() throws {
        let backup = try #require(BackupName("demo"))
        let keys = BackupFile.allCases.map { BackupLayout.key($0, of: backup) }
        #expect(
            keys == [
                "backups/demo/velero-backup.json", "backups/demo/demo.tar.gz", "backups/demo/demo-logs.gz",
                "backups/demo/demo-podvolumebackups.json.gz", "backups/demo/demo-volumesnapshots.json.gz",
                "backups/demo/demo-resource-list.json.gz", "backups/demo/demo-results.gz",
                "backups/demo/demo-itemoperations.json.gz", "backups/demo/demo-volumeinfo.json.gz",
                "backups/demo/demo-csi-volumesnapshots.json.gz",
                "backups/demo/demo-csi-volumesnapshotcontents.json.gz",
                "backups/demo/demo-csi-volumesnapshotclasses.json.gz",
            ])
        let restore = try #require(RestoreName("back"))
        #expect(BackupLayout.key(.results, of: restore) == "restores/back/restore-back-results.gz")
        #expect(BackupLayout.key(.volumeInfo, of: restore) == "restores/back/back-volumeinfo.json.gz")
    }

    @Test(arguments: [
        "", "A", "a_b", "a/b", "..", ".", "-a", "a-", "a..b", "a b", "a\n", String(repeating: "a", count: 254),
    ])
    func `names that no Backup can have are refused`(text: String) {
        #expect(BackupName(text) == nil)
        #expect(RestoreName(text) == nil)
    }

    @Test func `folders are read back as names`() {
        #expect(BackupLayout.backupName(ofFolder: "backups/daily-20261122.x/")?.text == "daily-20261122.x")
        #expect(BackupLayout.backupName(ofFolder: "backups/a/b/") == nil)
        #expect(BackupLayout.backupName(ofFolder: "backups//") == nil)
        #expect(BackupLayout.backupName(ofFolder: "restores/a/") == nil)
        #expect(BackupLayout.restoreName(ofFolder: "restores/a/")?.text == "a")
    }

    @Test func `foreign folders at the root are told`() {
        let folders = ["backups/", "restic/", "martlet/", "kopia/", "plugins/", "metadata/", "aaa/"]
        #expect(BackupLayout.foreignFolders(among: folders) == ["aaa", "martlet"])
    }

    @Test func `long names are shortened for labels as velero selects them`() {
        let short = String(repeating: "a", count: 63)
        #expect(LabelValue.shortened(short) == short)
        // 57 characters of the name, then the first six digits of `printf aaa...(64) | sha256sum`.
        let long = String(repeating: "a", count: 64)
        #expect(LabelValue.shortened(long) == String(repeating: "a", count: 57) + "ffe054")
        #expect(LabelValue.shortened(long).count == 63)
    }
}
