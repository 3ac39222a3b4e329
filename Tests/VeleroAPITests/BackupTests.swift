import Basics
import KubernetesModel
import MartletTestSupport
import Testing
import VeleroAPI

private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

private let newest = """
    {"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"full","namespace":"velero","labels":
    {"velero.io/schedule-name":"daily"},"annotations":{"x":"y"},"finalizers":["f"]},"spec":{"ttl":"240h0m0s",
    "includedNamespaces":["a*"],"metadata":{"labels":{"team":"x"}},"hooks":{"resources":[{"name":"h"}]},"csiSnapshotTimeout":
    "10m0s","itemOperationTimeout":"4h0m0s","orLabelSelectors":[{"matchLabels":{"app":"web"}}],"resourcePolicy":{"kind":
    "configmap","name":"p"},"uploaderConfig":{"parallelFilesUpload":4},"snapshotMoveData":false,"futureField":{"deep":[1.0]}},
    "status":{"version":1,"formatVersion":"1.1.0","phase":"WaitingForPluginOperations","progress":{"totalItems":7,
    "itemsBackedUp":5},"hookStatus":{"hooksAttempted":2},"backupItemOperationsAttempted":1,"expiration":
    "2026-12-22T09:53:00Z","startTimestamp":"2026-11-22T09:53:00Z","futureStatus":true}}
    """

@Suite struct BackupTests {
    @Test func `a backup of Velero 1-1 is read`() throws {
        let backup = try Backup(parsing: Fixtures.bytes(Fixtures.veleroDemoBucket + "/backups/demo/velero-backup.json"))
        #expect(backup.name == "demo")
        #expect(backup.namespace == "velero")
        #expect(backup.spec.includedNamespaces == ["demo"])
        #expect(backup.spec.excludedNamespaces.isEmpty)
        #expect(backup.spec.ttl == .seconds(720 * 3600))
        #expect(backup.spec.snapshotVolumes == false)
        #expect(backup.spec.includeClusterResources == nil)
        #expect(backup.status.version == 1)
        #expect(backup.status.formatVersion == nil)
        #expect(backup.phase == .completed)
        #expect(backup.status.startTimestamp == Timestamp("2026-11-22T09:53:00Z"))
    }

    @Test func `a backup of the newest Velero is read`() throws {
        let backup = try Backup(parsing: Array(newest.utf8))
        #expect(backup.spec.templateLabels == ["team": "x"])
        #expect(backup.spec.orLabelSelectors.first?.matches(["app": "web"]) == true)
        #expect(backup.spec.resourcePolicy?.name == "p")
        #expect(backup.spec.parallelFilesUpload == 4)
        #expect(backup.status.itemsBackedUp == 5)
        #expect(backup.status.hooksAttempted == 2)
        #expect(backup.phase == .waitingForPluginOperations)
        #expect(!backup.phase.isTerminal)
        #expect(backup.scheduleName == "daily")
    }

    @Test func `an untouched object is written as it was read, unknown fields and nulls included`() throws {
        let demo = try Fixtures.bytes(Fixtures.veleroDemoBucket + "/backups/demo/velero-backup.json")
        #expect(try Backup(parsing: demo).json == JSONValue(parsing: demo))
        #expect(try Backup(parsing: Array(newest.utf8)).json == json(newest))
    }

    @Test func `a changed field changes alone`() throws {
        var backup = try Backup(parsing: Array(newest.utf8))
        backup.spec.ttl = .seconds(3600)
        backup.status.phase = .completed
        backup.labels["new"] = "label"
        var expected = try json(newest)
        expected["spec", "ttl"] = "1h0m0s"
        expected["status", "phase"] = "Completed"
        expected["metadata", "labels", "new"] = "label"
        #expect(backup.json == expected)
    }

    @Test(arguments: [
        (#"{"ttl":"3 days"}"#, "spec.ttl"), (#"{"includedNamespaces":"demo"}"#, "spec.includedNamespaces"),
        (#"{"includedNamespaces":[1]}"#, "spec.includedNamespaces"), (#"{"labelSelector":[]}"#, "spec.labelSelector"),
        (#"{"includeClusterResources":"yes"}"#, "spec.includeClusterResources"), (#"[]"#, "spec"),
        (#"{"uploaderConfig":{"parallelFilesUpload":"4"}}"#, "spec.uploaderConfig.parallelFilesUpload"),
    ])
    func `a field of a wrong type is an error with its place, never a filter that is dropped`(
        spec: String, place: String
    ) {
        let text = #"{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"x"},"spec":\#(spec)}"#
        let error = #expect(throws: VeleroAPIError.self) { try Backup(parsing: Array(text.utf8)) }
        #expect(error?.code == .malformed)
        #expect(error?.message.hasPrefix("\(place):") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        #"{"apiVersion":"velero.io/v1","kind":"Restore","metadata":{"name":"x"}}"#,
        #"{"apiVersion":"velero.io/v2","kind":"Backup","metadata":{"name":"x"}}"#, "{}",
    ])
    func `another kind is refused`(text: String) {
        let error = #expect(throws: VeleroAPIError.self) { try Backup(parsing: Array(text.utf8)) }
        #expect(error?.code == .wrongKind)
    }

    @Test func `every phase is known, four are the end, two can be restored`() {
        #expect(BackupPhase.known.count == 13)
        let terminal = BackupPhase.known.filter(\.isTerminal)
        #expect(Set(terminal) == [.failedValidation, .completed, .partiallyFailed, .failed])
        #expect(BackupPhase.known.filter(\.isRestorable) == [.completed, .partiallyFailed])
    }

    @Test func `the pod volume backups of Velero 1-1 are read`() throws {
        let packed =
            #"[{"metadata":{"name":"demo-ssmxl"},"spec":{"node":"node1","pod":{"kind":"Pod","namespace":"demo","name":"catalog","uid":"u"},"volume":"files","repoIdentifier":"s3:x"},"status":{"phase":"Completed","snapshotID":"574d2b23"}}]"#
        let list = try PodVolumeBackup.list(json(packed))
        #expect(list.first?.spec.podName == "catalog")
        #expect(list.first?.status.snapshotID == "574d2b23")
        #expect(try PodVolumeBackup.list(.null).isEmpty)
    }
}
