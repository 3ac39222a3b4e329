import NIOCore
import ObjectStorage
package import ResticFormat

/// How tags change.
package enum TagChange: Sendable, Hashable {
    case set([String])
    /// Adds those that are missing, then removes the others.
    case edit(add: [String], remove: [String])

    /// Nil if nothing changes.
    package func applied(to tags: [String]) -> [String]? {
        let changed: [String]
        switch self {
        case .set(let new): changed = new.filter { !$0.isEmpty }
        case .edit(let add, let remove):
            let added = tags + add.filter { !$0.isEmpty && !tags.contains($0) }
            changed = added.filter { !remove.contains($0) }
        }
        return changed == tags ? nil : changed
    }
}

extension Repository {
    /// Writes `changed` in the place of a snapshot, which is removed afterwards; `original` keeps the first ancestor.
    ///
    /// - Returns: the new snapshot's id.
    package func replaceSnapshot(
        _ old: StoredSnapshot, with changed: SnapshotFile
    ) async throws(RepositoryError) -> ResticID {
        var changed = changed
        changed.original = old.snapshot.original ?? old.id
        let id = try await saveSnapshot(changed)
        guard id != old.id else { return id }
        if let error = try await removeSnapshots([old.id])[old.id] {
            throw RepositoryError(error, "removing the replaced snapshot \(old.id)")
        }
        return id
    }

    /// Changes the tags of a snapshot. Needs an exclusive lock.
    ///
    /// - Returns: the new id; nil if the tags are as wanted already.
    package func changeTags(_ change: TagChange, of old: StoredSnapshot) async throws(RepositoryError) -> ResticID? {
        guard let tags = change.applied(to: old.snapshot.tags) else { return nil }
        var changed = old.snapshot
        changed.tags = tags
        return try await replaceSnapshot(old, with: changed)
    }

    /// Makes a repository of version 1 one of version 2. Needs an exclusive lock, and a check before.
    ///
    /// What is stored stays as it is; prune compresses directories, and data with `repacksUncompressed`.
    /// - Returns: false if it is of version 2 already. Open it anew afterwards.
    package func upgradeToVersion2() async throws(RepositoryError) -> Bool {
        guard config.version == .v1 else { return false }
        var upgraded = config
        upgraded.version = .v2
        try await saveConfig(upgraded, condition: .none)
        return true
    }
}
