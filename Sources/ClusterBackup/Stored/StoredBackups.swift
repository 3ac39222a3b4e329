internal import Basics
internal import KubernetesModel
internal import NIOCore
package import ObjectStorage
package import VeleroAPI

/// The backups in a store, as they lie there: whoever made them, with or without a cluster.
package struct StoredBackups: Sendable {
    /// Side files are read whole; the largest is the list of names, about 60 bytes an object before packing.
    static let sideFileLimit = ByteCount.mebibytes(64)
    static let unpackedLimit = 512 << 20
    private static let readLimit = 8

    let store: any ObjectStore

    package init(_ store: any ObjectStore) { self.store = store }

    /// One folder under `backups/`.
    package struct Entry: Sendable {
        package enum State: Sendable {
            case whole(Backup)
            /// Files without the object: a run that is under way or was interrupted.
            case incomplete
            case unreadable(ClusterBackupError)
        }

        package let name: BackupName
        package let state: State

        package var backup: Backup? {
            if case .whole(let backup) = state { backup } else { nil }
        }
    }

    /// Every backup, in the order of names. Memory: the objects of all of them.
    ///
    /// - Throws: `.unavailable`.
    package func list() async throws(ClusterBackupError) -> [Entry] {
        let names: [BackupName]
        do throws(StoreError) {
            names = try await store.level(BackupLayout.backupsFolder).commonPrefixes
                .compactMap(BackupLayout.backupName(ofFolder:))
        } catch {
            throw .store(error, "listing the backups in \(store.location)")
        }
        do {
            return try await mapConcurrently(names.sorted(), limit: StoredBackups.readLimit) { name in
                try await state(of: name).map { Entry(name: name, state: $0) }
            }.compactMap(\.self)
        } catch {
            throw error as? ClusterBackupError
                ?? ClusterBackupError(.cancelled, "listing the backups was cancelled", cause: error)
        }
    }

    /// What is wrong with one backup must not hide the others; a store that is gone ends the listing. Nil for a folder
    /// without files: SeaweedFS goes on listing those that it once had some in.
    private func state(of name: BackupName) async throws(ClusterBackupError) -> Entry.State? {
        do throws(ClusterBackupError) {
            return .whole(try await backup(name))
        } catch {
            switch error.code {
            case .notFound: return try await hasFiles(name) ? .incomplete : nil
            case .unavailable, .cancelled: throw error
            default: return .unreadable(error)
            }
        }
    }

    private func hasFiles(_ name: BackupName) async throws(ClusterBackupError) -> Bool {
        let folder = BackupLayout.folder(of: name)
        do throws(StoreError) {
            return try await !store.list(ListRequest(prefix: folder, pageSize: 1)).objects.isEmpty
        } catch {
            throw .store(error, "listing '\(folder)' in \(store.location)")
        }
    }

    /// - Throws: `.notFound` if there is no such backup, or only parts of one; `.damaged` if its object cannot be read.
    package func backup(_ name: BackupName) async throws(ClusterBackupError) -> Backup {
        let key = key(.object, name)
        let bytes: ByteBuffer
        do throws(StoreError) {
            bytes = try await store.read(key, limit: .mebibytes(16))
        } catch {
            if error.code == .notFound {
                throw ClusterBackupError(.notFound, "no backup '\(name)' in \(store.location)", cause: error)
            }
            throw .store(error, "reading '\(key)'")
        }
        let backup: Backup
        do throws(VeleroAPIError) {
            backup = try Backup(parsing: bytes.readableBytesView)
        } catch {
            throw ClusterBackupError(.damaged, "'\(key)' in \(store.location) is no backup", cause: error)
        }
        guard backup.name == name.text else {
            throw ClusterBackupError(.damaged, "'\(key)' in \(store.location) speaks of backup \(quoted(backup.name))")
        }
        return backup
    }

    /// Opens the archive of a backup for reading; see `BackupArchiveReader`.
    ///
    /// - Throws: as `BackupArchiveReader`, and as `archive`.
    package func openArchive(
        _ name: BackupName, temporaryFolder: String, limits: ArchiveLimits = ArchiveLimits()
    ) async throws(ClusterBackupError) -> BackupArchiveReader {
        let object = try await archive(name)
        do throws(ClusterBackupError) {
            // Some versions of Velero's plug-in left the framing of the transfer in the archive.
            let body = object.body.withoutTransferFraming(of: "the archive of backup '\(name)'")
            return try await BackupArchiveReader.open(body, temporaryFolder: temporaryFolder, limits: limits)
        } catch {
            throw ClusterBackupError(error.code, "the archive of backup '\(name)' cannot be used", cause: error)
        }
    }

    /// The packed archive as it lies in the store, to be saved somewhere.
    ///
    /// - Throws: `.notFound`; `.damaged` if the backup is there and its archive is not; `.unavailable`.
    package func archive(_ name: BackupName) async throws(ClusterBackupError) -> StoredObject {
        let key = key(.archive, name)
        do throws(StoreError) {
            return try await store.get(key, options: GetOptions())
        } catch {
            guard error.code == .notFound else { throw .store(error, "reading '\(key)'") }
            _ = try await backup(name)  // Tells "no such backup" from "a backup without its archive".
            throw ClusterBackupError(
                .damaged, "backup '\(name)' is broken: its archive '\(key)' is missing in \(store.location)",
                cause: error)
        }
    }

    /// The log of a backup, unpacked.
    package func log(_ name: BackupName) async throws(ClusterBackupError) -> [UInt8] {
        guard let bytes = try await unpacked(.log, name) else {
            _ = try await backup(name)
            throw ClusterBackupError(.notFound, "backup '\(name)' has no log in \(store.location)")
        }
        return bytes
    }

    /// One of the packed side files; nil if it is not there, which means empty.
    func unpacked(_ file: BackupFile, _ name: BackupName) async throws(ClusterBackupError) -> [UInt8]? {
        let key = key(file, name)
        do throws(StoreError) {
            guard let packed = try await store.readIfPresent(key, limit: StoredBackups.sideFileLimit) else {
                return nil
            }
            return try StoredBackups.unpack(packed, key)
        } catch {
            throw .store(error, "reading '\(key)'")
        }
    }

    private static func unpack(_ packed: ByteBuffer, _ key: ObjectKey) throws(StoreError) -> [UInt8] {
        do throws(ClusterBackupError) {
            return try Gzip.decompress(packed, limit: unpackedLimit)
        } catch {
            throw StoreError(error.code == .tooLarge ? .limitExceeded : .integrity, "'\(key)': \(error.message)")
        }
    }

    func key(_ file: BackupFile, _ name: BackupName) -> ObjectKey {
        guard let key = ObjectKey(BackupLayout.key(file, of: name)) else {
            preconditionFailure("a backup's name has at most 253 bytes, so its keys fit")
        }
        return key
    }
}
