package import Basics

/// What became of a backup. Source: Velero 1.18, `BackupStatus`.
package struct BackupStatus: FieldCoded {
    /// Major version of the archive format: 1, always.
    package var version: Int?
    /// `1.1.0` since Velero 1.4.
    package var formatVersion: String?
    package var expiration: Timestamp?
    package var phase: BackupPhase?
    package var queuePosition: Int?
    package var validationErrors: [String] = []
    package var failureReason: String?
    package var startTimestamp: Timestamp?
    package var completionTimestamp: Timestamp?
    package var volumeSnapshotsAttempted: Int?
    package var volumeSnapshotsCompleted: Int?
    package var csiVolumeSnapshotsAttempted: Int?
    package var csiVolumeSnapshotsCompleted: Int?
    package var itemOperationsAttempted: Int?
    package var itemOperationsCompleted: Int?
    package var itemOperationsFailed: Int?
    package var warnings: Int?
    package var errors: Int?
    package var totalItems: Int?
    package var itemsBackedUp: Int?
    package var hooksAttempted: Int?
    package var hooksFailed: Int?

    package init() {}

    package static let fields: [JSONField<BackupStatus>] = [
        .int("version", at: \.version),
        .string("formatVersion", at: \.formatVersion),
        .time("expiration", at: \.expiration),
        .word("phase", at: \.phase),
        .int("queuePosition", at: \.queuePosition),
        .strings("validationErrors", at: \.validationErrors),
        .string("failureReason", at: \.failureReason),
        .time("startTimestamp", at: \.startTimestamp),
        .time("completionTimestamp", at: \.completionTimestamp),
        .int("volumeSnapshotsAttempted", at: \.volumeSnapshotsAttempted),
        .int("volumeSnapshotsCompleted", at: \.volumeSnapshotsCompleted),
        .int("csiVolumeSnapshotsAttempted", at: \.csiVolumeSnapshotsAttempted),
        .int("csiVolumeSnapshotsCompleted", at: \.csiVolumeSnapshotsCompleted),
        .int("backupItemOperationsAttempted", at: \.itemOperationsAttempted),
        .int("backupItemOperationsCompleted", at: \.itemOperationsCompleted),
        .int("backupItemOperationsFailed", at: \.itemOperationsFailed),
        .int("warnings", at: \.warnings),
        .int("errors", at: \.errors),
        .int("progress", "totalItems", at: \.totalItems),
        .int("progress", "itemsBackedUp", at: \.itemsBackedUp),
        .int("hookStatus", "hooksAttempted", at: \.hooksAttempted),
        .int("hookStatus", "hooksFailed", at: \.hooksFailed),
    ]
}
