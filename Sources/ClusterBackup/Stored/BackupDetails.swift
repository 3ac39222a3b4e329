package import Basics
package import KubernetesModel
internal import NIOCore
internal import ObjectStorage
package import VeleroAPI

/// Everything that a store says of one backup: what `backup describe --details` shows.
package struct BackupDetails: Sendable {
    package var backup: Backup
    package var results = BackupResults()
    /// Names of the objects by kind; empty for a backup without a resource list.
    package var resources: [String: [String]] = [:]
    package var volumes: [BackupVolumeInfo] = []
    package var podVolumeBackups: [PodVolumeBackup] = []
    package var itemOperations: [ItemOperation] = []
    /// Packed size; nil if the archive is missing, which makes the backup worthless.
    package var archiveSize: ByteCount?
    /// All files of the backup together.
    package var totalSize = ByteCount.zero
    /// Side files that are there and cannot be read.
    package var problems: [ClusterBackupError] = []

    package init(backup: Backup) { self.backup = backup }
}

extension StoredBackups {
    /// Reads the backup's object and its side files. One that is damaged is a problem in the answer, not an error.
    ///
    /// - Throws: `.notFound`, `.damaged` for the object itself, `.unavailable`.
    package func details(_ name: BackupName) async throws(ClusterBackupError) -> BackupDetails {
        var details = BackupDetails(backup: try await backup(name))
        let archive = key(.archive, name)
        do throws(StoreError) {
            for try await object in store.objects(prefix: BackupLayout.folder(of: name)) {
                details.totalSize = details.totalSize + ByteCount(object.size)
                if object.key == archive { details.archiveSize = ByteCount(object.size) }
            }
        } catch {
            throw .store(error, "listing backup '\(name)'")
        }
        try await read(.results, name, &details) { (json, details) in details.results = BackupResults(json) }
        try await read(.resourceList, name, &details) { (json, details) in
            details.resources = ResourceList.names(in: json)
        }
        try await read(.volumeInfo, name, &details) { (json, details) throws(VeleroAPIError) in
            details.volumes = try BackupVolumeInfo.list(json)
        }
        try await read(.podVolumeBackups, name, &details) { (json, details) throws(VeleroAPIError) in
            details.podVolumeBackups = try PodVolumeBackup.list(json)
        }
        try await read(.itemOperations, name, &details) { (json, details) throws(VeleroAPIError) in
            details.itemOperations = try ItemOperation.list(json)
        }
        return details
    }

    /// The names of what is in a backup, by kind: from the resource list; empty if the backup has none.
    package func resources(_ name: BackupName) async throws(ClusterBackupError) -> [String: [String]] {
        try await json(.resourceList, name).map(ResourceList.names(in:)) ?? [:]
    }

    /// A side file as JSON; nil if it is not there.
    ///
    /// - Throws: `.damaged` if it is no gzip or no JSON.
    package func json(_ file: BackupFile, _ name: BackupName) async throws(ClusterBackupError) -> JSONValue? {
        guard let bytes = try await unpacked(file, name) else { return nil }
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw ClusterBackupError(.damaged, "'\(key(file, name))' is not JSON", cause: error)
        }
    }

    private func read(
        _ file: BackupFile, _ name: BackupName, _ details: inout BackupDetails,
        _ take: (JSONValue, inout BackupDetails) throws(VeleroAPIError) -> Void
    ) async throws(ClusterBackupError) {
        do throws(ClusterBackupError) {
            guard let json = try await json(file, name) else { return }
            do throws(VeleroAPIError) {
                try take(json, &details)
            } catch {
                throw ClusterBackupError(.damaged, "'\(key(file, name))' cannot be read", cause: error)
            }
        } catch {
            if error.code == .unavailable || error.code == .cancelled { throw error }
            details.problems.append(error)
        }
    }
}
