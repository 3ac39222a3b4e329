package import Basics
package import KubernetesModel

/// The backup of one volume of one pod, as the cluster and `NAME-podvolumebackups.json.gz` have it. Source: Velero 1.18,
/// `PodVolumeBackup`; reads those of all releases since 0.11.
package struct PodVolumeBackup: VeleroObject {
    package static let kind = "PodVolumeBackup"
    package static let plural = "podvolumebackups"

    package var object: APIObject
    package var spec: Spec
    package var status: Status

    package init(object: APIObject, spec: Spec, status: Status) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    package struct Spec: FieldCoded {
        package var node = ""
        /// `Pod` always; written for those who follow the reference.
        package var podKind = ""
        package var podNamespace = ""
        package var podName = ""
        package var podUID = ""
        package var volume = ""
        package var backupStorageLocation = ""
        /// URL of the restic repository; empty for kopia.
        package var repoIdentifier = ""
        /// `kopia`, `restic`, or empty for restic before 1.10.
        package var uploaderType = ""
        package var tags: [String: String] = [:]
        /// Asks whoever works on it to stop.
        package var cancel: Bool?

        package init() {}

        package static let fields: [JSONField<Spec>] = [
            .text("node", at: \.node),
            .text("pod", "kind", at: \.podKind),
            .text("pod", "namespace", at: \.podNamespace),
            .text("pod", "name", at: \.podName),
            .text("pod", "uid", at: \.podUID),
            .text("volume", at: \.volume),
            .text("backupStorageLocation", at: \.backupStorageLocation),
            .text("repoIdentifier", at: \.repoIdentifier),
            .text("uploaderType", at: \.uploaderType),
            .stringMap("tags", at: \.tags),
            .bool("cancel", at: \.cancel),
        ]
    }

    package struct Status: FieldCoded {
        /// See `PodVolumePhase`; kept as text, for newer servers may know more words.
        package var phase: String?
        package var path: String?
        /// Empty if the volume was empty.
        package var snapshotID: String?
        package var message: String?
        package var startTimestamp: Timestamp?
        package var completionTimestamp: Timestamp?
        package var totalBytes: Int?
        package var bytesDone: Int?
        /// Of the data that this backup added, before compression.
        package var incrementalBytes: Int?

        package init() {}

        package static let fields: [JSONField<Status>] = [
            .string("phase", at: \.phase),
            .string("path", at: \.path),
            .string("snapshotID", at: \.snapshotID),
            .string("message", at: \.message),
            .time("startTimestamp", at: \.startTimestamp),
            .time("completionTimestamp", at: \.completionTimestamp),
            .int("progress", "totalBytes", at: \.totalBytes),
            .int("progress", "bytesDone", at: \.bytesDone),
            .int("incrementalBytes", at: \.incrementalBytes),
        ]
    }

    /// Reads the file; null is empty.
    package static func list(_ json: JSONValue) throws(VeleroAPIError) -> [PodVolumeBackup] {
        var backups: [PodVolumeBackup] = []
        for element in json.array ?? [] { backups.append(try PodVolumeBackup(element: APIObject(element))) }
        return backups
    }

    package var phase: PodVolumePhase { PodVolumePhase(status.phase) }
}
