package import Basics
package import KubernetesModel

/// The restore of one volume of one pod. Source: Velero 1.18, `PodVolumeRestore`; reads those of all releases since 0.11.
package struct PodVolumeRestore: VeleroObject {
    package static let kind = "PodVolumeRestore"
    package static let plural = "podvolumerestores"

    package var object: APIObject
    package var spec: Spec
    package var status: Status

    package init(object: APIObject, spec: Spec, status: Status) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    package struct Spec: FieldCoded {
        package var podKind = ""
        /// The pod as it is now: in the namespace restored into.
        package var podNamespace = ""
        package var podName = ""
        package var podUID = ""
        package var volume = ""
        package var backupStorageLocation = ""
        package var repoIdentifier = ""
        package var uploaderType = ""
        /// An id or the unique beginning of one.
        package var snapshotID = ""
        /// The namespace that the volume was saved in; it names the repository.
        package var sourceNamespace = ""
        package var cancel: Bool?

        package init() {}

        package static let fields: [JSONField<Spec>] = [
            .text("pod", "kind", at: \.podKind),
            .text("pod", "namespace", at: \.podNamespace),
            .text("pod", "name", at: \.podName),
            .text("pod", "uid", at: \.podUID),
            .text("volume", at: \.volume),
            .text("backupStorageLocation", at: \.backupStorageLocation),
            .text("repoIdentifier", at: \.repoIdentifier),
            .text("uploaderType", at: \.uploaderType),
            .text("snapshotID", at: \.snapshotID),
            .text("sourceNamespace", at: \.sourceNamespace),
            .bool("cancel", at: \.cancel),
        ]
    }

    package struct Status: FieldCoded {
        /// See `PodVolumePhase`.
        package var phase: String?
        package var message: String?
        package var startTimestamp: Timestamp?
        package var completionTimestamp: Timestamp?
        package var totalBytes: Int?
        package var bytesDone: Int?
        package var node: String?

        package init() {}

        package static let fields: [JSONField<Status>] = [
            .string("phase", at: \.phase),
            .string("message", at: \.message),
            .time("startTimestamp", at: \.startTimestamp),
            .time("completionTimestamp", at: \.completionTimestamp),
            .int("progress", "totalBytes", at: \.totalBytes),
            .int("progress", "bytesDone", at: \.bytesDone),
            .string("node", at: \.node),
        ]
    }

    package var phase: PodVolumePhase { PodVolumePhase(status.phase) }
}
