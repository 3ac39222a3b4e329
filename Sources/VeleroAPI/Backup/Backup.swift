package import Basics
package import KubernetesModel

/// A backup, as the cluster and the file `velero-backup.json` have it.
package struct Backup: VeleroObject {
    package static let kind = "Backup"
    package static let plural = "backups"

    package var object: APIObject
    package var spec: BackupSpec
    package var status: BackupStatus

    package init(object: APIObject, spec: BackupSpec, status: BackupStatus) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    /// One that nobody has looked at yet has no phase.
    package var phase: BackupPhase { status.phase ?? .new }

    /// The schedule that it was made from.
    package var scheduleName: String? { labels[VeleroName.scheduleName] }

    package func isExpired(at now: Timestamp) -> Bool { status.expiration.map { $0 <= now } ?? false }
}
