internal import Basics
internal import KubernetesModel
internal import NIOCore
package import ObjectStorage
package import VeleroAPI

/// The records of restores in a store. Velero keeps the Restore object in the cluster alone; Martlet also writes it beside
/// the results, so that a restore can be looked at when its cluster is gone.
package struct StoredRestores: Sendable {
    /// Velero's restores have no object here; what is known of one is its name and its files.
    package struct Details: Sendable {
        package var restore: Restore
        package var results = BackupResults()
        /// By kind, each name with its outcome: `ns1/a(created)`.
        package var resources: [String: [String]] = [:]
    }

    private static let readLimit = 8
    private let store: any ObjectStore

    package init(_ store: any ObjectStore) { self.store = store }

    /// Writes the object of a restore that has ended.
    package func write(_ restore: Restore) async throws(ClusterBackupError) {
        guard let name = RestoreName(restore.name) else {
            throw ClusterBackupError(.invalid, "'\(restore.name)' cannot name a restore")
        }
        let key = try key(.object, name)
        do throws(StoreError) {
            _ = try await store.put(ByteBuffer(string: restore.json.prettyPrinted()), at: key, options: PutOptions())
        } catch {
            throw .store(error, "writing '\(key)'")
        }
    }

    /// Every restore with files in the store, in the order of names; those without an object have only their name.
    package func list() async throws(ClusterBackupError) -> [Restore] {
        let names: [RestoreName]
        do throws(StoreError) {
            names = try await store.level(BackupLayout.restoresFolder).commonPrefixes
                .compactMap(BackupLayout.restoreName(ofFolder:))
        } catch {
            throw .store(error, "listing the restores in \(store.location)")
        }
        do {
            return try await mapConcurrently(names.sorted(), limit: StoredRestores.readLimit) { name in
                // SeaweedFS goes on listing folders that it once had files in.
                let restore = try await restore(name)
                if !restore.namespace.isEmpty { return restore }
                return try await hasFiles(name) ? restore : nil
            }.compactMap(\.self)
        } catch {
            throw error as? ClusterBackupError
                ?? ClusterBackupError(.cancelled, "listing the restores was cancelled", cause: error)
        }
    }

    /// - Throws: `.notFound` if there is nothing under this name, `.damaged`, `.unavailable`.
    package func details(_ name: RestoreName) async throws(ClusterBackupError) -> Details {
        let results = try await json(.results, name)
        let object = try await read(.object, name)
        guard results != nil || object != nil else {
            throw ClusterBackupError(.notFound, "no restore '\(name)' in \(store.location)")
        }
        var details = Details(restore: try await restore(name))
        if let results { details.results = BackupResults(results) }
        details.resources = try await json(.resourceList, name).map(ResourceList.names(in:)) ?? [:]
        return details
    }

    /// The log, unpacked.
    ///
    /// - Throws: `.notFound` if there is none.
    package func log(_ name: RestoreName) async throws(ClusterBackupError) -> [UInt8] {
        guard let packed = try await read(.log, name) else {
            throw ClusterBackupError(.notFound, "no restore '\(name)' with a log in \(store.location)")
        }
        return try Gzip.decompress(packed, limit: StoredBackups.unpackedLimit)
    }

    private func restore(_ name: RestoreName) async throws(ClusterBackupError) -> Restore {
        guard let bytes = try await read(.object, name) else { return Restore(name: name.text, namespace: "") }
        do throws(VeleroAPIError) {
            return try Restore(parsing: bytes.readableBytesView)
        } catch {
            throw ClusterBackupError(.damaged, "the record of restore '\(name)' cannot be read", cause: error)
        }
    }

    private func hasFiles(_ name: RestoreName) async throws(ClusterBackupError) -> Bool {
        let folder = BackupLayout.folder(of: name)
        do throws(StoreError) {
            return try await !store.list(ListRequest(prefix: folder, pageSize: 1)).objects.isEmpty
        } catch {
            throw .store(error, "listing '\(folder)' in \(store.location)")
        }
    }

    private func json(_ file: RestoreFile, _ name: RestoreName) async throws(ClusterBackupError) -> JSONValue? {
        guard let packed = try await read(file, name) else { return nil }
        let bytes = try Gzip.decompress(packed, limit: StoredBackups.unpackedLimit)
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw ClusterBackupError(.damaged, "'\(try key(file, name))' is not JSON", cause: error)
        }
    }

    private func read(_ file: RestoreFile, _ name: RestoreName) async throws(ClusterBackupError) -> ByteBuffer? {
        let key = try key(file, name)
        do throws(StoreError) {
            return try await store.readIfPresent(key, limit: StoredBackups.sideFileLimit)
        } catch {
            throw .store(error, "reading '\(key)'")
        }
    }

    private func key(_ file: RestoreFile, _ name: RestoreName) throws(ClusterBackupError) -> ObjectKey {
        guard let key = ObjectKey(BackupLayout.key(file, of: name)) else {
            throw ClusterBackupError(.invalid, "the name of restore '\(name)' is too long for a key")
        }
        return key
    }
}
