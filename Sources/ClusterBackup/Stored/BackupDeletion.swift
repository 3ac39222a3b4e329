package import Basics
internal import KubernetesModel
internal import NIOCore
package import ObjectStorage
package import VeleroAPI

/// What deleting a backup would remove: shown before, checked again when it is done.
package struct BackupDeletion: Sendable {
    package let name: BackupName
    /// Nil for a folder without the object: leftovers of a run, or a run that is under way.
    package let backup: Backup?
    /// The visible file first, so that a half deleted backup does not look whole; then the others; then the restores'.
    package let keys: [ObjectKey]
    /// Restores that came from it and whose files go with it.
    package let restores: [RestoreName]
    package let totalSize: ByteCount
    /// Snapshots of volumes that belong to it. Their data stays in the repository.
    package let volumeSnapshots: Int
    /// Of the object, to see whether it changed since.
    let etag: String?

    /// False for a run that is under way, and for what an interrupted one left.
    package var isFinished: Bool { backup.map { $0.phase.isTerminal || $0.phase == .deleting } ?? false }
}

extension StoredBackups {
    /// Finds out what belongs to a backup: everything under `backups/NAME/`, and the files of the restores that say that
    /// they came from it.
    ///
    /// - Throws: `.notFound` if there is nothing under this name; `.unavailable`.
    package func planDeletion(of name: BackupName) async throws(ClusterBackupError) -> BackupDeletion {
        var found: Backup?
        do throws(ClusterBackupError) {
            found = try await backup(name)
        } catch {
            // One that is damaged can be deleted like any other.
            guard error.code == .notFound || error.code == .damaged else { throw error }
        }
        let object = key(.object, name)
        do throws(StoreError) {
            var keys: [ObjectKey] = []
            var size: Int64 = 0
            var etag: String?
            for try await info in store.objects(prefix: BackupLayout.folder(of: name)) {
                size += info.size
                if info.key == object {
                    keys.insert(object, at: 0)
                    etag = info.etag
                } else {
                    keys.append(info.key)
                }
            }
            guard !keys.isEmpty else {
                throw StoreError(.notFound, "there is nothing under '\(BackupLayout.folder(of: name))'")
            }
            let restores = try await restores(of: name)
            for restore in restores {
                for try await info in store.objects(prefix: BackupLayout.folder(of: restore)) {
                    keys.append(info.key)
                    size += info.size
                }
            }
            let volumes = (try? await details(name))?.podVolumeBackups ?? []  // Only counted, for the message.
            return BackupDeletion(
                name: name, backup: found, keys: keys, restores: restores, totalSize: ByteCount(size),
                volumeSnapshots: volumes.filter { !($0.status.snapshotID ?? "").isEmpty }.count, etag: etag)
        } catch {
            if error.code == .notFound {
                throw ClusterBackupError(.notFound, "no backup '\(name)' in \(store.location)", cause: error)
            }
            throw .store(error, "looking for the files of backup '\(name)'")
        }
    }

    private func restores(of name: BackupName) async throws(StoreError) -> [RestoreName] {
        var restores: [RestoreName] = []
        for folder in try await store.level(BackupLayout.restoresFolder).commonPrefixes {
            guard let restore = BackupLayout.restoreName(ofFolder: folder),
                let key = ObjectKey(BackupLayout.key(.object, of: restore)),
                let bytes = try await store.readIfPresent(key, limit: .mebibytes(16))
            else { continue }
            // A record that cannot be read says nothing; its restore is left alone.
            guard let json = try? JSONValue(parsing: bytes.readableBytesView) else { continue }
            if json["spec", "backupName"]?.string == name.text { restores.append(restore) }
        }
        return restores
    }

    /// Deletes what a plan names, the visible file first.
    ///
    /// - Parameter evenIfUnfinished: also a backup that says it is under way, and a folder without an object.
    /// - Throws: `.invalid` for one that is under way, or that changed since the plan was made; `.unavailable` if
    ///   something could not be deleted: call it again with a new plan.
    package func delete(_ plan: BackupDeletion, evenIfUnfinished: Bool = false) async throws(ClusterBackupError) {
        let phase = plan.backup?.phase
        guard evenIfUnfinished || plan.isFinished else {
            throw ClusterBackupError(
                .invalid,
                plan.backup == nil
                    ? "'\(plan.name)' has files but is no whole backup; it may be under way"
                    : "backup '\(plan.name)' is in phase \(phase?.rawValue ?? "")")
        }
        let object = key(.object, plan.name)
        do throws(StoreError) {
            if plan.keys.first == object {
                guard try await store.head(object).etag == plan.etag else {
                    throw StoreError(.preconditionFailed, "'\(object)' changed since the plan was made")
                }
                try await remove([object])
            }
            try await remove(plan.keys.filter { $0 != object })
        } catch {
            if error.code == .preconditionFailed {
                throw ClusterBackupError(.invalid, "backup '\(plan.name)' was not deleted", cause: error)
            }
            throw .store(error, "deleting backup '\(plan.name)'")
        }
    }

    private func remove(_ keys: [ObjectKey]) async throws(StoreError) {
        guard !keys.isEmpty else { return }
        let failures = try await store.delete(keys)
        if let (key, error) = failures.min(by: { $0.key < $1.key }) {
            throw StoreError(error.code, "'\(key)' and \(failures.count - 1) more could not be deleted", cause: error)
        }
    }
}
