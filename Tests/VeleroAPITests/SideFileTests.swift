import KubernetesModel
import Testing
import VeleroAPI

@Suite struct SideFileTests {
    @Test func `results survive a round trip and tolerate what is missing`() throws {
        let text = #"{"errors":{"cluster":["c"],"namespaces":{"n":["e1","e2"]}},"warnings":{"velero":["w"]}}"#
        let results = BackupResults(try JSONValue(parsing: text))
        #expect(results.errors.count == 3)
        #expect(results.errors.all == ["c", "e1", "e2"])
        #expect(results.warnings.velero == ["w"])
        #expect(results.json == (try JSONValue(parsing: text)))
        #expect(BackupResults(.null).errors.isEmpty)
        #expect(BackupResults(["errors": .null, "warnings": ["namespaces": .null]]).warnings.isEmpty)
    }

    @Test func `volume information survives a round trip`() throws {
        let text = """
            [{"pvcName":"data","pvcNamespace":"n","pvName":"pv1","backupMethod":"PodVolumeBackup","snapshotDataMoved":false,
            "pvbInfo":{"snapshotHandle":"574d2b23","size":7,"uploaderType":"restic","volumeName":"v","podName":"p",
            "podNamespace":"n","Phase":"Completed"},"pvInfo":{"reclaimPolicy":"Delete","labels":{"a":"b"}}},
            {"pvName":"pv2","skipped":true,"skippedReason":"why"}]
            """
        let json = try JSONValue(parsing: text)
        let infos = try BackupVolumeInfo.list(json)
        #expect(infos.count == 2)
        #expect(infos[0].method == .podVolumeBackup)
        #expect(infos[0].podVolumeBackup?.phase == "Completed")
        #expect(infos[0].pvLabels == ["a": "b"])
        #expect(infos[1].isSkipped == true)
        #expect(BackupVolumeInfo.json(infos) == json)
        #expect(try BackupVolumeInfo.list(.null).isEmpty)
    }

    @Test func `resource lists are read whatever is null in them`() throws {
        let json = try JSONValue(parsing: #"{"v1/Pod":["n/a","n/b"],"apps/v1/Deployment":null}"#)
        #expect(ResourceList.names(in: json) == ["v1/Pod": ["n/a", "n/b"], "apps/v1/Deployment": []])
        #expect(ResourceList.key(GroupVersion(apiVersion: "apps/v1"), kind: "Deployment") == "apps/v1/Deployment")
        #expect(ResourceList.names(in: .null).isEmpty)
    }

    @Test func `item operations have capital letters where Go has no tags`() throws {
        let json = try JSONValue(
            parsing:
                #"[{"spec":{"backupItemAction":"a","resourceIdentifier":{"Group":"","Resource":"pods","Namespace":"n","Name":"x"}},"status":{"phase":"Completed","nCompleted":1}}]"#
        )
        let operation = try #require(try ItemOperation.list(json).first)
        #expect(operation.resource == "pods")
        #expect(operation.name == "x")
        #expect(operation.completed == 1)
    }
}
