/// Every label, annotation and finalizer of velero.io that Martlet reads or writes. Source: Velero 1.18 and, where said,
/// the older releases whose objects are still met.
package enum VeleroName {
    // Labels.
    package static let backupName = "velero.io/backup-name"
    package static let backupUID = "velero.io/backup-uid"
    package static let restoreName = "velero.io/restore-name"
    package static let restoreUID = "velero.io/restore-uid"
    package static let scheduleName = "velero.io/schedule-name"
    package static let storageLocation = "velero.io/storage-location"
    package static let podUID = "velero.io/pod-uid"
    package static let pvcUID = "velero.io/pvc-uid"
    package static let volumeNamespace = "velero.io/volume-namespace"
    package static let repositoryType = "velero.io/repository-type"
    package static let gcFailure = "velero.io/gc-failure"
    /// On any object or namespace; skips it if the value is exactly `true`.
    package static let excludeFromBackup = "velero.io/exclude-from-backup"
    /// With the empty value, on ConfigMaps that configure an action; beside it `velero.io/ACTION: KIND`.
    package static let pluginConfig = "velero.io/plugin-config"
    package static let changeStorageClass = "velero.io/change-storage-class"
    package static let changeImageName = "velero.io/change-image-name"
    package static let podVolumeRestoreAction = "velero.io/pod-volume-restore"
    package static let dynamicPVRestore = "velero.io/dynamic-pv-restore"
    package static let volumeSnapshotName = "velero.io/volume-snapshot-name"
    package static let dataUploadName = "velero.io/data-upload-name"

    // Annotations.
    package static let skipFromBackup = "velero.io/skip-from-backup"
    package static let mustIncludeAdditionalItems = "backup.velero.io/must-include-additional-items"
    package static let backupVolumes = "backup.velero.io/backup-volumes"
    package static let backupVolumesExcludes = "backup.velero.io/backup-volumes-excludes"
    package static let podVolumeTimeout = "velero.io/pod-volume-timeout"
    package static let pvcName = "velero.io/pvc-name"
    package static let sourceClusterGitVersion = "velero.io/source-cluster-k8s-gitversion"
    package static let sourceClusterMajorVersion = "velero.io/source-cluster-k8s-major-version"
    package static let sourceClusterMinorVersion = "velero.io/source-cluster-k8s-minor-version"
    package static let resourceTimeout = "velero.io/resource-timeout"
    package static let originalPVName = "velero.io/original-pv-name"
    package static let restoreStatus = "velero.io/restore-status"
    /// Followed by `container`, `command`, `on-error` or `timeout`.
    package static let preBackupHookPrefix = "pre.hook.backup.velero.io/"
    package static let postBackupHookPrefix = "post.hook.backup.velero.io/"
    /// The spelling without a phase, treated as pre.
    package static let legacyBackupHookPrefix = "hook.backup.velero.io/"
    package static let initRestoreHookPrefix = "init.hook.restore.velero.io/"
    package static let postRestoreHookPrefix = "post.hook.restore.velero.io/"
    /// Followed by the name of a volume; the restic snapshot of it. Velero 1.1 and older.
    package static let legacySnapshotPrefix = "snapshot.velero.io/"

    // Finalizers.
    package static let restoreExternalResources = "restores.velero.io/external-resources-finalizer"
    package static let podVolumeFinalizer = "velero.io/pod-volume-finalizer"
}
