package import Basics
package import KubernetesModel

/// What a backup did with one volume: an element of `NAME-volumeinfo.json.gz`. The restore decides by it what becomes of
/// the PersistentVolume. Source: Velero 1.18, `BackupVolumeInfo`.
package struct BackupVolumeInfo: FieldCoded {
    package enum Method: String, Sendable {
        case nativeSnapshot = "NativeSnapshot"
        case podVolumeBackup = "PodVolumeBackup"
        case csiSnapshot = "CSISnapshot"
    }

    package var pvcName: String?
    package var pvcNamespace: String?
    package var pvName: String?
    /// Nil for a volume that was not saved.
    package var method: Method?
    package var isDataMoved: Bool?
    package var preservesLocalSnapshot: Bool?
    package var isSkipped: Bool?
    package var skippedReason: String?
    package var startTimestamp: Timestamp?
    package var completionTimestamp: Timestamp?
    /// `succeeded` or `failed`.
    package var result: String?
    package var csiSnapshot: JSONValue?
    package var dataMovement: JSONValue?
    package var nativeSnapshot: JSONValue?
    package var podVolumeBackup: PodVolumeInfo?
    /// Of the PersistentVolume when it was backed up.
    package var reclaimPolicy: String?
    package var pvLabels: [String: String] = [:]

    package init() {}

    package static let fields: [JSONField<BackupVolumeInfo>] = [
        .string("pvcName", at: \.pvcName),
        .string("pvcNamespace", at: \.pvcNamespace),
        .string("pvName", at: \.pvName),
        .word("backupMethod", at: \.method),
        .bool("snapshotDataMoved", at: \.isDataMoved),
        .bool("preserveLocalSnapshot", at: \.preservesLocalSnapshot),
        .bool("skipped", at: \.isSkipped),
        .string("skippedReason", at: \.skippedReason),
        .time("startTimestamp", at: \.startTimestamp),
        .time("completionTimestamp", at: \.completionTimestamp),
        .string("result", at: \.result),
        .raw("csiSnapshotInfo", at: \.csiSnapshot),
        .raw("snapshotDataMovementInfo", at: \.dataMovement),
        .raw("nativeSnapshotInfo", at: \.nativeSnapshot),
        .nested("pvbInfo", at: \.podVolumeBackup),
        .string("pvInfo", "reclaimPolicy", at: \.reclaimPolicy),
        .stringMap("pvInfo", "labels", at: \.pvLabels),
    ]

    /// Reads the file; null is empty.
    package static func list(_ json: JSONValue) throws(VeleroAPIError) -> [BackupVolumeInfo] {
        var infos: [BackupVolumeInfo] = []
        for element in json.array ?? [] { infos.append(try BackupVolumeInfo(decoding: element, at: "volumeinfo")) }
        return infos
    }

    package static func json(_ infos: [BackupVolumeInfo]) -> JSONValue {
        .array(infos.map { $0.encoded(over: nil) })
    }
}

/// The part about a pod volume backup.
package struct PodVolumeInfo: FieldCoded {
    package var snapshotHandle: String?
    package var size: Int?
    package var incrementalSize: Int?
    package var uploaderType: String?
    package var volumeName: String?
    package var podName: String?
    package var podNamespace: String?
    package var nodeName: String?
    /// That of the PodVolumeBackup.
    package var phase: String?

    package init() {}

    package static let fields: [JSONField<PodVolumeInfo>] = [
        .string("snapshotHandle", at: \.snapshotHandle),
        .int("size", at: \.size),
        .int("incrementalSize", at: \.incrementalSize),
        .string("uploaderType", at: \.uploaderType),
        .string("volumeName", at: \.volumeName),
        .string("podName", at: \.podName),
        .string("podNamespace", at: \.podNamespace),
        .string("nodeName", at: \.nodeName),
        .string("Phase", at: \.phase),
    ]
}
