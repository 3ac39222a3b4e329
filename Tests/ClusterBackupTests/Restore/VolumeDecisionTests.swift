import ClusterBackup
import KubernetesModel
import Testing
import VeleroAPI

@Suite("Volumes on restore")
struct VolumeDecisionTests {
    private func volume(_ policy: String) throws -> APIObject {
        try .parsed(
            """
            {"kind":"PersistentVolume","metadata":{"name":"pv1"},"spec":{"persistentVolumeReclaimPolicy":"\(policy)",
            "claimRef":{"namespace":"n","name":"c","uid":"1","resourceVersion":"2"}}}
            """)
    }

    private func info(_ method: BackupVolumeInfo.Method?) -> [BackupVolumeInfo] {
        var info = BackupVolumeInfo()
        info.pvName = "pv1"
        info.method = method
        return [info]
    }

    private func podVolumeBackup(claim: String) throws -> PodVolumeBackup {
        try PodVolumeBackup(
            element: .parsed(
                """
                {"metadata":{"name":"x","annotations":{"velero.io/pvc-name":"\(claim)"}},"spec":{"pod":{"namespace":"n",
                "name":"p"},"volume":"data"},"status":{"snapshotID":"abc"}}
                """))
    }

    private func fate(_ records: VolumeRecords, _ policy: String, restoresSnapshots: Bool = true) throws -> VolumeFate {
        VolumeDecision(records: records, restoresSnapshots: restoresSnapshots).fate(of: try volume(policy))
    }

    @Test("follow the volume info of the backup")
    func byInfo() throws {
        func records(_ method: BackupVolumeInfo.Method?) -> VolumeRecords {
            VolumeRecords(infos: info(method), podVolumeBackups: [])
        }
        #expect(try fate(records(.podVolumeBackup), "Retain") == .provisionedAnew(.podVolumeBackup))
        #expect(try fate(records(nil), "Retain") == .asStored)
        #expect(try fate(records(nil), "Delete") == .provisionedAnew(.nothingSaved))
        guard case .provisionedAnew(.unsupportedSnapshot) = try fate(records(.csiSnapshot), "Retain"),
            case .provisionedAnew(.unsupportedSnapshot) = try fate(records(.nativeSnapshot), "Delete")
        else {
            Issue.record("snapshots are not ours to restore")
            return
        }
        #expect(try fate(records(.nativeSnapshot), "Retain", restoresSnapshots: false) == .asStored)
        #expect(
            try fate(records(.csiSnapshot), "Delete", restoresSnapshots: false) == .provisionedAnew(.nothingSaved))
        #expect(
            try fate(records(.podVolumeBackup), "Retain", restoresSnapshots: false)
                == .provisionedAnew(.podVolumeBackup))
    }

    @Test("fall back to the other records of older backups")
    func withoutInfo() throws {
        #expect(try fate(VolumeRecords(), "Retain") == .asStored)
        #expect(try fate(VolumeRecords(), "Delete") == .provisionedAnew(.nothingSaved))
        let saved = VolumeRecords(infos: nil, podVolumeBackups: [try podVolumeBackup(claim: "c")])
        #expect(try fate(saved, "Retain") == .provisionedAnew(.podVolumeBackup))
        let other = VolumeRecords(infos: nil, podVolumeBackups: [try podVolumeBackup(claim: "other")])
        #expect(try fate(other, "Retain") == .asStored)
        var snapshots = VolumeRecords()
        snapshots.add(
            snapshot: ["metadata": ["namespace": "n"], "spec": ["source": ["persistentVolumeClaimName": "c"]]])
        guard case .provisionedAnew(.unsupportedSnapshot) = try fate(snapshots, "Retain") else {
            Issue.record("a VolumeSnapshot of the claim was not seen")
            return
        }
    }

    @Test("that nobody provisions come back as they were, their data goes into them")
    func madeByHand() throws {
        func fate(_ source: String, provisioned: Bool) throws -> VolumeFate {
            let annotations = provisioned ? #""pv.kubernetes.io/provisioned-by":"rancher.io/local-path""# : ""
            let volume = try APIObject.parsed(
                """
                {"kind":"PersistentVolume","metadata":{"name":"pv1","annotations":{\(annotations)}},
                "spec":{"\(source)":{"path":"/disk"},"persistentVolumeReclaimPolicy":"Delete"}}
                """)
            let records = VolumeRecords(infos: info(.podVolumeBackup), podVolumeBackups: [])
            return VolumeDecision(records: records, restoresSnapshots: true).fate(of: volume)
        }
        #expect(try fate("local", provisioned: false) == .asStored)
        #expect(try fate("hostPath", provisioned: false) == .asStored)
        #expect(try fate("hostPath", provisioned: true) == .provisionedAnew(.podVolumeBackup))
        #expect(try fate("csi", provisioned: false) == .provisionedAnew(.podVolumeBackup))
    }

    @Test("lose their binding and follow the mapping")
    func binding() throws {
        var settings = ActionSettings()
        settings.namespaceMapping = ["n": "m"]
        var volume = try volume("Retain")
        volume.annotations = ["pv.kubernetes.io/bound-by-controller": "yes"]
        VolumeDecision.resetBinding(ofVolume: &volume, settings)
        #expect(volume.json["spec", "claimRef"] == ["namespace": "m", "name": "c"])
        #expect(volume.json["metadata", "annotations"] == nil)
        var claim = try APIObject.parsed(#"{"spec":{"volumeName":"pv1"}}"#)
        VolumeDecision.resetBinding(ofClaim: &claim, fate: .asStored)
        #expect(claim.json["spec", "volumeName"] == "pv1")
        VolumeDecision.resetBinding(ofClaim: &claim, fate: .provisionedAnew(.nothingSaved))
        #expect(claim.json["spec", "volumeName"] == nil)
    }

    @Test(
        "in the cluster are in the way while they are released or going",
        arguments: [
            (#"{"status":{"phase":"Released"}}"#, false, true), (#"{"status":{"phase":"Bound"}}"#, false, false),
            (#"{"status":{"phase":"Bound"}}"#, true, true),
            (#"{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Bound"}}"#, false, true),
        ])
    func obstacles(volume: String, claimIsGoing: Bool, isInTheWay: Bool) throws {
        let reason = VolumeObstacle.find(try .parsed(volume), claimOrNamespaceIsTerminating: claimIsGoing)
        #expect((reason != nil) == isInTheWay)
    }

    @Test("of pods are named when their data is not put back, and hooks too")
    func duties() throws {
        let pod = try APIObject.parsed(
            """
            {"metadata":{"name":"p","namespace":"n","annotations":{"snapshot.velero.io/old":"abc",
            "snapshot.velero.io/gone":"abc","post.hook.restore.velero.io/command":"true"}},
            "spec":{"containers":[{"name":"main"}],"volumes":[{"name":"data"},{"name":"old"},{"name":"token","projected":{}}]}}
            """)
        let records = VolumeRecords(infos: nil, podVolumeBackups: [try podVolumeBackup(claim: "c")])
        let duties = PodDuties(of: pod, records: records, restoresVolumes: true, specHooks: [], in: "n")
        #expect(duties.volumes.map(\.name) == ["data", "old"])
        #expect(duties.execHooks == ["main"])
        let without = PodDuties(of: pod, records: records, restoresVolumes: false, specHooks: [], in: "n")
        #expect(without.volumes.isEmpty)
    }
}
