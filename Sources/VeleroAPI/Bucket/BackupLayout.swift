/// Where everything lies in a backup bucket: the one owner of its keys. Source: Velero 1.18, `ObjectStoreLayout`.
///
/// Keys are relative to the location's root; a prefix of the location is the business of the store.
package enum BackupLayout {
    /// What Velero permits at the root. Any other folder makes it refuse the whole location; loose files it tolerates.
    package static let topLevelFolders: Set<String> = ["backups", "restores", "restic", "kopia", "plugins", "metadata"]

    package static let backupsFolder = "backups/"
    package static let restoresFolder = "restores/"

    /// Everything of one backup, and nothing of another: ends with a slash.
    package static func folder(of backup: BackupName) -> String { "backups/\(backup)/" }

    /// Everything of one restore.
    package static func folder(of restore: RestoreName) -> String { "restores/\(restore)/" }

    package static func key(_ file: BackupFile, of backup: BackupName) -> String {
        folder(of: backup) + file.fileName(backup.text)
    }

    package static func key(_ file: RestoreFile, of restore: RestoreName) -> String {
        folder(of: restore) + file.fileName(restore.text)
    }

    /// The restic repository of the volumes of one namespace.
    package static func resticRepository(of namespace: String) -> String { "restic/\(namespace)" }

    /// The backup whose folder `prefix` is, as a listing with delimiter gives it: `backups/NAME/`. Nil for anything
    /// else and for names that no Backup can have.
    package static func backupName(ofFolder prefix: String) -> BackupName? {
        name(of: prefix, in: backupsFolder).flatMap(BackupName.init)
    }

    /// The restore whose folder `prefix` is: `restores/NAME/`.
    package static func restoreName(ofFolder prefix: String) -> RestoreName? {
        name(of: prefix, in: restoresFolder).flatMap(RestoreName.init)
    }

    private static func name(of prefix: String, in folder: String) -> Substring? {
        guard prefix.hasPrefix(folder), prefix.hasSuffix("/") else { return nil }
        let name = prefix.dropFirst(folder.count).dropLast()
        return name.contains("/") ? nil : name
    }

    /// The folders at the root that Velero would refuse, in order; `folders` as a listing gives them.
    package static func foreignFolders(among folders: [String]) -> [String] {
        folders.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            .filter { !topLevelFolders.contains($0) }
            .sorted()
    }
}

/// The files of one backup.
package enum BackupFile: Sendable, Hashable, CaseIterable {
    /// The Backup object as JSON, not compressed. A backup exists if this file does; it is written last and deleted
    /// first.
    case object
    /// The API objects.
    case archive
    case log
    case podVolumeBackups
    case volumeSnapshots
    case resourceList
    case results
    case itemOperations
    case volumeInfo
    case csiVolumeSnapshots
    case csiVolumeSnapshotContents
    case csiVolumeSnapshotClasses

    fileprivate func fileName(_ name: String) -> String {
        switch self {
        case .object: "velero-backup.json"
        case .archive: "\(name).tar.gz"
        case .log: "\(name)-logs.gz"
        case .podVolumeBackups: "\(name)-podvolumebackups.json.gz"
        case .volumeSnapshots: "\(name)-volumesnapshots.json.gz"
        case .resourceList: "\(name)-resource-list.json.gz"
        case .results: "\(name)-results.gz"
        case .itemOperations: "\(name)-itemoperations.json.gz"
        case .volumeInfo: "\(name)-volumeinfo.json.gz"
        case .csiVolumeSnapshots: "\(name)-csi-volumesnapshots.json.gz"
        case .csiVolumeSnapshotContents: "\(name)-csi-volumesnapshotcontents.json.gz"
        case .csiVolumeSnapshotClasses: "\(name)-csi-volumesnapshotclasses.json.gz"
        }
    }
}

/// The files of one restore.
package enum RestoreFile: Sendable, Hashable, CaseIterable {
    /// The Restore object as JSON. Velero keeps none in the bucket and takes no notice of it; it tells which backup a
    /// restore came from when the cluster that ran it is gone.
    case object
    case log
    case results
    case resourceList
    case itemOperations
    /// The one without `restore-` in front.
    case volumeInfo

    fileprivate func fileName(_ name: String) -> String {
        switch self {
        case .object: "velero-restore.json"
        case .log: "restore-\(name)-logs.gz"
        case .results: "restore-\(name)-results.gz"
        case .resourceList: "restore-\(name)-resource-list.json.gz"
        case .itemOperations: "restore-\(name)-itemoperations.json.gz"
        case .volumeInfo: "\(name)-volumeinfo.json.gz"
        }
    }
}
