internal import Basics
internal import NIOCore
internal import ObjectStorage
internal import VeleroAPI

/// The files of one backup while it is written. Nothing looks whole before `commit`; `discard` takes back what was
/// written.
///
/// The folder is claimed by creating the log under the condition that there is none: two runs of one name cannot mix.
/// A store without conditional writes gives a weaker promise, the look at the folder before.
final class BackupFolder {
    private let store: any ObjectStore
    let name: BackupName
    private(set) var written: [ObjectKey] = []
    private var conditionsWork = true
    /// The object file may be in the store although its write failed: it goes first when everything is taken back.
    private var triedToCommit = false

    init(store: any ObjectStore, name: BackupName) {
        self.store = store
        self.name = name
    }

    func key(_ file: BackupFile) -> ObjectKey {
        guard let key = ObjectKey(BackupLayout.key(file, of: name)) else {
            preconditionFailure("a backup's name has at most 253 bytes, so its keys fit")
        }
        return key
    }

    /// Takes the name for this run.
    ///
    /// - Throws: `.alreadyExists` for a backup, or files of an interrupted run, under this name; `.unavailable`.
    func claim(_ bytes: ByteBuffer) async throws(ClusterBackupError) {
        let page: ListPage
        do throws(StoreError) {
            page = try await store.list(ListRequest(prefix: BackupLayout.folder(of: name), pageSize: 10))
        } catch {
            throw failure("looking for a backup '\(name)' in \(store.location)", error)
        }
        if !page.objects.isEmpty { throw await alreadyThere() }
        let key = key(.log)
        do throws(StoreError) {
            try await put(bytes, at: key, isConditional: true)
        } catch {
            // Our own write may have arrived although its answer was lost; unreadable is as good as another's.
            let found = try? await store.read(key, limit: .mebibytes(1))
            if found != bytes {
                throw error.code == .preconditionFailed ? await alreadyThere() : failure("writing '\(key)'", error)
            }
        }
        written.append(key)
    }

    private func alreadyThere() async -> ClusterBackupError {
        let isWhole = (try? await store.contains(key(.object))) ?? true  // Unknown: the more careful message.
        return isWhole
            ? ClusterBackupError(
                .alreadyExists, "backup already exists in object storage: '\(name)' in \(store.location)")
            : ClusterBackupError(
                .alreadyExists,
                "'\(name)' in \(store.location) has files of a run that was interrupted or is under way; "
                    + "if none is under way, clear it away with 'backup delete \(name) --force', or choose another name"
            )
    }

    /// Writes one of the files beside the archive.
    func write(_ file: BackupFile, _ bytes: ByteBuffer) async throws(ClusterBackupError) {
        let key = key(file)
        if !written.contains(key) { written.append(key) }
        do throws(StoreError) {
            try await put(bytes, at: key, isConditional: false)
        } catch {
            throw failure("writing '\(key)'", error)
        }
    }

    /// Tells that a file was or will be written by other means.
    func adopt(_ file: BackupFile) { written.append(key(file)) }

    /// Makes the backup visible: the last write.
    func commit(_ bytes: ByteBuffer) async throws(ClusterBackupError) {
        let key = key(.object)
        triedToCommit = true
        do throws(StoreError) {
            try await put(bytes, at: key, isConditional: true)
        } catch {
            // When the answer to our own write was lost, what lies there is what we wrote.
            let found = try? await store.read(key, limit: .mebibytes(16))  // Unreadable: the write's error counts.
            if found == bytes { return }
            // Another's is not ours to take back.
            if error.code == .preconditionFailed, found != nil { triedToCommit = false }
            throw failure("writing '\(key)'", error)
        }
    }

    private func put(_ bytes: ByteBuffer, at key: ObjectKey, isConditional: Bool) async throws(StoreError) {
        let condition: PutCondition = isConditional && conditionsWork ? .ifAbsent : .none
        do throws(StoreError) {
            _ = try await store.put(bytes, at: key, options: PutOptions(condition: condition))
        } catch {
            guard error.code == .unsupported, condition != .none else { throw error }
            conditionsWork = false
            _ = try await store.put(bytes, at: key, options: PutOptions())
        }
    }

    /// Takes back everything that this run wrote, the visible file first. What cannot be deleted stays behind unseen.
    ///
    /// - Returns: the keys that may still be there.
    func discard() async -> [ObjectKey] {
        if triedToCommit {
            let object = key(.object)
            // While it may be there, everything that it speaks of must stay: whole is better than hollow.
            guard await delete([object]).isEmpty else { return [object] + written }
        }
        return await delete(written)
    }

    /// Runs to its end although the task was cancelled.
    private func delete(_ keys: [ObjectKey]) async -> [ObjectKey] {
        guard !keys.isEmpty else { return [] }
        let store = store
        return await Task {
            do throws(StoreError) {
                return Array(try await store.delete(keys).keys)
            } catch {
                return keys
            }
        }.value
    }

    private func failure(_ doing: String, _ error: StoreError) -> ClusterBackupError {
        .store(error, doing)
    }
}

extension ClusterBackupError {
    /// The failure of a store that ends a run.
    static func store(_ error: StoreError, _ doing: String) -> ClusterBackupError {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .cancelled: .cancelled
            case .integrity: .damaged
            case .limitExceeded: .tooLarge
            case .preconditionFailed: .alreadyExists
            default: .unavailable
            }
        return ClusterBackupError(code, "\(doing) failed", cause: error)
    }
}
