import Basics
package import ObjectStorage
package import ResticFormat

/// All snapshots of a repository, as far as they can be read.
package struct SnapshotList: Sendable {
    /// The oldest first.
    package var snapshots: [StoredSnapshot] = []
    /// Those that cannot be read, ascending by id.
    package var damaged: [DamagedFile] = []
}

extension Repository {
    /// Reads all snapshots, eight at a time. One that vanishes meanwhile was forgotten by somebody and is left out.
    ///
    /// - Throws: `.store`, `.cancelled`. Memory: all snapshots.
    package func listSnapshots() async throws(RepositoryError) -> SnapshotList {
        let listed = try await files.list(.snapshot)
        let read: [Result<StoredSnapshot, RepositoryError>]
        do {
            read = try await mapConcurrently(listed, limit: 8) { [self] file in try await tryLoadSnapshot(file.id) }
        } catch {
            throw RepositoryError(error, while: "reading the snapshots")
        }
        var list = SnapshotList()
        for (file, result) in zip(listed, read) {
            switch result {
            case .success(let snapshot): list.snapshots.append(snapshot)
            case .failure(let error) where error.code == .notFound: continue
            case .failure(let error):
                list.damaged.append(DamagedFile(kind: .snapshot, id: file.id, error: error))
            }
        }
        list.snapshots.sort(by: StoredSnapshot.isOlder)
        return list
    }

    /// All snapshots, the oldest first.
    /// - Throws: also `.damaged` if one cannot be read.
    package func snapshots() async throws(RepositoryError) -> [StoredSnapshot] {
        let list = try await listSnapshots()
        if let first = list.damaged.first { throw first.error }
        return list.snapshots
    }

    private func tryLoadSnapshot(_ id: ResticID) async throws(RepositoryError) -> Result<
        StoredSnapshot, RepositoryError
    > {
        do throws(RepositoryError) {
            return .success(StoredSnapshot(id: id, snapshot: try await loadSnapshot(id)))
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
            return .failure(error)
        }
    }

    /// - Throws: `.notFound`, `.damaged`, `.store`.
    package func loadSnapshot(_ id: ResticID) async throws(RepositoryError) -> SnapshotFile {
        let json = try await loadUnpacked(.snapshot, id)
        do throws(FormatError) {
            return try SnapshotFile(decoding: json)
        } catch {
            throw RepositoryError(error, in: "snapshot \(id)")
        }
    }

    /// Writes a snapshot, which commits a backup: everything that it needs must have been flushed.
    package func saveSnapshot(_ snapshot: SnapshotFile) async throws(RepositoryError) -> ResticID {
        try await saveUnpacked(.snapshot, snapshot.encoded())
    }

    /// Removes snapshots and nothing else; prune frees what they alone needed.
    /// - Returns: those that could not be removed, each with the reason.
    package func removeSnapshots(_ ids: [ResticID]) async throws(RepositoryError) -> [ResticID: StoreError] {
        try await files.remove(.snapshot, ids)
    }

    /// The snapshot that `name` means: `latest` (under `filter`), an id, or the unique beginning of one.
    ///
    /// - Throws: `.notFound`, `.ambiguous`, `.damaged`.
    package func snapshot(
        named name: String, filter: SnapshotFilter = SnapshotFilter()
    ) async throws(RepositoryError) -> StoredSnapshot {
        guard name == "latest" else {
            let id = try await resolve(name, .snapshot)
            return StoredSnapshot(id: id, snapshot: try await loadSnapshot(id))
        }
        guard let latest = try await listSnapshots().snapshots.last(where: { filter.matches($0.snapshot) }) else {
            throw RepositoryError(.notFound, "no snapshot matches the filter")
        }
        return latest
    }

    /// The file of `kind` whose id is `name` or begins with it.
    ///
    /// - Throws: `.notFound`, `.ambiguous`.
    package func resolve(_ name: String, _ kind: FileKind) async throws(RepositoryError) -> ResticID {
        if let id = ResticID(name) { return id }
        guard !name.isEmpty else { throw RepositoryError(.notFound, "an empty text names no \(kind)") }
        let matches = try await files.list(kind).filter { $0.id.description.hasPrefix(name) }
        guard let match = matches.first else { throw RepositoryError(.notFound, "no \(kind) begins with '\(name)'") }
        guard matches.count == 1 else {
            throw RepositoryError(.ambiguous, "\(matches.count) \(kind) files begin with '\(name)': give more digits")
        }
        return match.id
    }
}
