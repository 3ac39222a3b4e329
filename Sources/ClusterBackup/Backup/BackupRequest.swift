package import Basics
package import VeleroAPI

/// A backup to be made by this process.
package struct BackupRequest: Sendable {
    package var name: BackupName
    /// Of the Backup object: where a Velero that finds it in the bucket puts it. `velero` everywhere.
    package var namespace: String
    package var spec: BackupSpec
    package var labels: [String: String]
    package var annotations: [String: String]
    /// Identifies this run: tells our own write from another's when an answer was lost. A fresh UUID.
    package var uid: String

    package init(
        name: BackupName, namespace: String = "velero", spec: BackupSpec = BackupSpec(), labels: [String: String] = [:],
        annotations: [String: String] = [:], uid: String
    ) {
        self.name = name
        self.namespace = namespace
        self.spec = spec
        self.labels = labels
        self.annotations = annotations
        self.uid = uid
    }
}

/// How far a run has come. Sent for each batch of objects, a few times a second at most for small clusters.
package struct BackupProgress: Sendable, Hashable {
    /// Objects in the archive.
    package var itemsBackedUp = 0
    /// Lists that have ended, of all that are known of.
    package var listsDone = 0
    package var listsTotal = 0
    /// Packed bytes that were handed to the store.
    package var bytesWritten: Int64 = 0

    package init() {}
}

/// How a run ended. Written to the store only if `phase` is `Completed` or `PartiallyFailed`.
package struct BackupOutcome: Sendable {
    /// As it lies in the store; for a run that failed, as it would.
    package var backup: Backup
    package var results: BackupResults
    /// Objects of each kind, by `v1/Pod`.
    package var counts: [String: Int]
    /// Packed size of the archive.
    package var archiveSize: ByteCount
    /// Why the run failed, with its causes; nil unless `phase` is `Failed`.
    package var failure: ClusterBackupError?

    package var phase: BackupPhase { backup.phase }
    package var itemCount: Int { counts.values.reduce(0, +) }
}
