import Basics
import ObjectStorage
package import ResticFormat

extension Repository {
    /// All lock files as they are now. One that vanishes meanwhile is left out.
    func seenLocks() async throws(RepositoryError) -> [SeenLock] {
        var locks: [SeenLock] = []
        for file in try await files.list(.lock) {
            if let content = try await content(of: file) {
                locks.append(SeenLock(id: file.id, modified: file.modified, content: content))
            }
        }
        return locks
    }

    private func content(of file: ListedFile) async throws(RepositoryError) -> SeenLock.Content? {
        if file.size == 0 { return .empty }
        do throws(RepositoryError) {
            let lock = try await loadLock(file.id)
            let owner = LockOwner(lock)
            let state = await environment.ownerState(owner)
            return .lock(
                kind: lock.isExclusive ? .exclusive : .shared, time: lock.time.instant, owner: owner, state: state)
        } catch {
            switch error.code {
            case .notFound: return nil
            case .cancelled: throw error
            default: return .unreadable(ErrorChain.line(error))
            }
        }
    }

    package func loadLock(_ id: ResticID) async throws(RepositoryError) -> LockFile {
        let json = try await loadUnpacked(.lock, id)
        do throws(FormatError) {
            return try LockFile(decoding: json)
        } catch {
            throw RepositoryError(error, in: "lock \(id)")
        }
    }

    /// Writes a lock of this process with the present time.
    func writeLock(_ kind: LockKind) async throws(RepositoryError) -> ResticID {
        let owner = environment.owner
        var lock = LockFile(
            time: now(), isExclusive: kind == .exclusive, hostname: owner.hostname, username: owner.username,
            processID: Int(owner.pid), userID: owner.uid, groupID: owner.gid)
        lock.process = owner.process?.text ?? ""
        return try await saveLock(lock)
    }

    package func saveLock(_ lock: LockFile) async throws(RepositoryError) -> ResticID {
        try await saveUnpacked(.lock, lock.encoded())
    }

    /// Removes lock files whose owners are gone.
    ///
    /// - Parameter all: every lock, whoever holds it. Only for a person who knows that nobody is at work.
    /// - Returns: how many were removed.
    package func unlock(all: Bool = false) async throws(RepositoryError) -> Int {
        let ids: [ResticID]
        if all {
            ids = try await files.list(.lock).map(\.id)
        } else {
            let now = environment.clock.now()
            ids = try await seenLocks().filter { $0.isStale(at: now) }.map(\.id)
        }
        let failures = try await files.remove(.lock, ids)
        if let (id, error) = failures.first { throw RepositoryError(error, "removing lock \(id)") }
        return ids.count
    }
}

extension LockOwner {
    init(_ lock: LockFile) {
        self.init(
            hostname: lock.hostname, username: lock.username, pid: Int32(clamping: lock.processID), uid: lock.userID,
            gid: lock.groupID, process: ProcessIdentity(lock.process, pid: Int32(clamping: lock.processID)))
    }
}
