package import Basics
package import KubernetesModel

/// The repository of one namespace in one location. Source: Velero 1.18, `BackupRepository`.
package struct BackupRepository: VeleroObject {
    package static let kind = "BackupRepository"
    package static let plural = "backuprepositories"
    /// Velero's default for restic repositories.
    package static let resticMaintenance = Duration.seconds(168 * 3600)

    package var object: APIObject
    package var spec: Spec
    package var status: Status

    package init(object: APIObject, spec: Spec, status: Status) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    /// A new one for the volumes of `volumeNamespace`. Source: reference section 9.1.
    package init(of volumeNamespace: String, location: String, identifier: String, in namespace: String) {
        self.init(name: "\(volumeNamespace)-\(location)-restic", namespace: namespace)
        labels = [
            VeleroName.volumeNamespace: LabelValue.shortened(volumeNamespace),
            VeleroName.storageLocation: LabelValue.shortened(location),
            VeleroName.repositoryType: "restic",
        ]
        spec.volumeNamespace = volumeNamespace
        spec.backupStorageLocation = location
        spec.repositoryType = "restic"
        spec.resticIdentifier = identifier
        spec.maintenanceFrequency = BackupRepository.resticMaintenance
        status.phase = .new
    }

    package enum Phase: String, Sendable { case new = "New", ready = "Ready", notReady = "NotReady" }

    package struct Spec: FieldCoded {
        package var volumeNamespace = ""
        package var backupStorageLocation = ""
        /// `kopia`, `restic`, or empty for restic.
        package var repositoryType = ""
        package var resticIdentifier = ""
        package var maintenanceFrequency: Duration?

        package init() {}

        package static let fields: [JSONField<Spec>] = [
            .text("volumeNamespace", at: \.volumeNamespace),
            .text("backupStorageLocation", at: \.backupStorageLocation),
            .text("repositoryType", at: \.repositoryType),
            .text("resticIdentifier", at: \.resticIdentifier),
            .duration("maintenanceFrequency", at: \.maintenanceFrequency),
        ]
    }

    package struct Status: FieldCoded {
        package var phase: Phase?
        package var message: String?
        package var lastMaintenanceTime: Timestamp?
        /// The last few runs, `{result, startTimestamp, completeTimestamp, message}`, the newest last.
        package var recentMaintenance: JSONValue?

        package init() {}

        package static let fields: [JSONField<Status>] = [
            .word("phase", at: \.phase),
            .string("message", at: \.message),
            .time("lastMaintenanceTime", at: \.lastMaintenanceTime),
            .raw("recentMaintenance", at: \.recentMaintenance),
        ]
    }

    package var isRestic: Bool { spec.repositoryType.isEmpty || spec.repositoryType == "restic" }
}
