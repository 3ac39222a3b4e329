import Basics
import KubernetesModel
import NIOCore
package import ObjectStorage
package import VeleroAPI

/// A backup in a bucket, opened to restore from: the archive and what the side files say of volumes.
///
/// Sources of trust: the whole archive was read and checked before; names and objects are checked one by one later.
package struct RestoreSource: Sendable {
    package let backup: Backup
    package let archive: BackupArchiveReader
    package let volumes: VolumeRecords
    /// About files that are missing or cannot be read, in plain words.
    package let warnings: [String]

    /// Side files are lists of volumes; a larger one is refused.
    private static let sideFileLimit = ByteCount.mebibytes(256)
    private static let objectLimit = ByteCount.mebibytes(16)

    package init(
        backup: Backup, archive: BackupArchiveReader, volumes: VolumeRecords = .init(), warnings: [String] = []
    ) {
        self.backup = backup
        self.archive = archive
        self.volumes = volumes
        self.warnings = warnings
    }

    /// Reads `velero-backup.json`, the archive and the side files of a backup.
    ///
    /// - Parameter folder: for the unpacked archive; needs room for all objects.
    /// - Throws: `.notFound`; `.invalid` for a backup that has not ended; `.damaged`, `.hostile` and `.tooLarge` as the
    ///   archive's reader; `.unavailable` if the store does not answer.
    package static func open(
        _ name: BackupName, in store: any ObjectStore, temporaryFolder folder: String, limits: ArchiveLimits = .init()
    ) async throws(ClusterBackupError) -> RestoreSource {
        let backup = try await readBackup(name, in: store)
        guard backup.phase.isRestorable else {
            throw ClusterBackupError(
                .invalid,
                "backup \(name) is \(backup.phase), there is nothing to restore from; only Completed and PartiallyFailed "
                    + "backups can be restored")
        }
        let archive = try await StoredBackups(store).openArchive(name, temporaryFolder: folder, limits: limits)
        var files = SideFiles(name: name, store: store)
        let volumes = try await files.volumes()
        return RestoreSource(backup: backup, archive: archive, volumes: volumes, warnings: files.warnings)
    }

    private static func readBackup(
        _ name: BackupName, in store: any ObjectStore
    ) async throws(ClusterBackupError) -> Backup {
        let key = try objectKey(.object, of: name)
        do {
            guard let bytes = try await store.readIfPresent(key, limit: objectLimit) else {
                throw ClusterBackupError(.notFound, "there is no backup \(name) in \(store.location)")
            }
            return try Backup(parsing: bytes.readableBytesView)
        } catch let error as ClusterBackupError {
            throw error
        } catch let error as StoreError {
            throw ClusterBackupError(error, reading: key, in: store)
        } catch {
            throw ClusterBackupError(.damaged, "\(key) in \(store.location) cannot be read", cause: error)
        }
    }

    static func objectKey(_ file: BackupFile, of name: BackupName) throws(ClusterBackupError) -> ObjectKey {
        let text = BackupLayout.key(file, of: name)
        guard let key = ObjectKey(text) else {
            throw ClusterBackupError(.invalid, "the name of backup \(name) is too long for a key: \(text)")
        }
        return key
    }

    /// Reads side files; one that is missing is empty, one that cannot be read is a warning.
    private struct SideFiles {
        let name: BackupName
        let store: any ObjectStore
        var warnings: [String] = []

        mutating func volumes() async throws(ClusterBackupError) -> VolumeRecords {
            let infos = try await list(.volumeInfo) { element throws(VeleroAPIError) in
                try BackupVolumeInfo(decoding: element, at: "volume info")
            }
            let podVolumes = try await list(.podVolumeBackups) { element throws(VeleroAPIError) in
                try PodVolumeBackup(element: APIObject(element))
            }
            var records = VolumeRecords(infos: infos, podVolumeBackups: podVolumes ?? [])
            for snapshot in try await list(.volumeSnapshots, { $0 }) ?? [] {
                if let volume = snapshot["spec", "persistentVolumeName"]?.string {
                    records.nativeSnapshots.insert(volume)
                }
            }
            for snapshot in try await list(.csiVolumeSnapshots, { $0 }) ?? [] { records.add(snapshot: snapshot) }
            return records
        }

        /// Nil if the backup has no such file.
        private mutating func list<Element>(
            _ file: BackupFile, _ decode: (JSONValue) throws(VeleroAPIError) -> Element
        ) async throws(ClusterBackupError) -> [Element]? {
            let key = try RestoreSource.objectKey(file, of: name)
            do {
                guard let packed = try await store.readIfPresent(key, limit: RestoreSource.sideFileLimit) else {
                    return nil
                }
                let bytes = try Gzip.decompress(packed, limit: Int(RestoreSource.sideFileLimit.bytes))
                return try (try JSONValue(parsing: bytes)).array.map { try $0.map(decode) } ?? []
            } catch let error as StoreError {
                throw ClusterBackupError(error, reading: key, in: store)
            } catch {
                warnings.append("\(key) cannot be read, so what it says of volumes is not known: \(error)")
                return nil
            }
        }
    }
}

extension ClusterBackupError {
    /// A failure of the store while `key` was read.
    init(_ error: StoreError, reading key: ObjectKey, in store: any ObjectStore) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .cancelled: .cancelled
            case .integrity: .damaged
            case .limitExceeded: .tooLarge
            default: .unavailable
            }
        self.init(code, "\(key) could not be read from \(store.location)", cause: error)
    }
}
