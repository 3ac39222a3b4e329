import Glibc
import NIOCore

extension FolderTree {
    /// Runs `fill` on a new file beside the place of `path`, then puts it there if `condition` holds.
    func write(
        at path: FolderPath, key: ObjectKey, options: PutOptions, fill: (PendingFile) throws -> Void
    ) throws -> ObjectInfo {
        let pending = try makePending(at: path)
        try fill(pending)
        return try commit(pending, at: path, key: key, options: options)
    }

    /// A new file in the folder of `path`. A folder that another task removes because it was empty is made again.
    func makePending(at path: FolderPath) throws(SystemError) -> PendingFile {
        for _ in 0..<100 {
            do {
                return try PendingFile(in: open(path.folders, creates: true))
            } catch let error where error.number == ENOENT {
                continue
            }
        }
        throw SystemError(number: EBUSY)
    }

    /// Makes `pending` the object: attributes, bytes to the disk, the condition, the name, the name to the disk.
    ///
    /// The lock on the folder makes "look, then rename" one step among all stores on this machine. Where a file system
    /// has no locks, `ifMatch` is refused, and `ifAbsent` rests on `link` alone.
    func commit(
        _ pending: PendingFile, at path: FolderPath, key: ObjectKey, options: PutOptions
    ) throws -> ObjectInfo {
        let attributes = FolderAttributes(contentType: options.contentType, metadata: options.metadata)
        try attributes.write(to: pending.file, for: key)
        try pending.finish()
        guard let state = FileState(try FolderTree.status(of: pending.file)) else { throw SystemError(number: EIO) }
        let lock = try FolderTree.lock(pending.folder)
        defer { withExtendedLifetime(lock) {} }
        if options.condition != .none {
            let present = try FolderTree.state(of: path.file, in: pending.folder)?.tag
            if let refusal = options.condition.refusal(for: key, tag: present, in: self.path) { throw refusal }
        }
        switch options.condition {
        case .none: try pending.replace(path.file)
        case .ifAbsent: try pending.link(path.file)
        case .ifMatch:
            guard lock != nil else {
                throw StoreError(.unsupported, "the file system of '\(self.path)' has no locks: no conditional writes")
            }
            try pending.replace(path.file)
        }
        try FolderTree.sync(pending.folder)
        return state.info(key, attributes)
    }

    /// Waits for the lock on `folder`, held until the result goes; nil where the file system has no locks.
    ///
    /// The folder is opened anew: a lock belongs to the open file, and two holders of one descriptor would both have it.
    /// Source: man 2 flock.
    private static func lock(_ folder: Descriptor) throws(SystemError) -> Descriptor? {
        let own = Descriptor(try systemCall { openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        do {
            _ = try systemCall { flock(own.raw, LOCK_EX) }
            return own
        } catch {
            return nil
        }
    }

    /// Deletes the object's file, and the folders above that are empty then. Nothing happens if there is none.
    func delete(_ path: FolderPath) throws(SystemError) {
        var chain = [root]
        do {
            for name in path.folders { chain.append(try FolderTree.open(name, in: chain[chain.count - 1])) }
            let folder = chain[chain.count - 1]
            // A folder of this name is not the object; a link, which is none either, goes as `rm` takes it.
            guard try FolderTree.state(of: path.file, in: folder) != nil else { return }
            let lock = try FolderTree.lock(folder)
            defer { withExtendedLifetime(lock) {} }
            _ = try systemCall { unlinkat(folder.raw, path.file, 0) }
            try FolderTree.sync(folder)
        } catch let error where [ENOENT, ENOTDIR, ELOOP, EISDIR].contains(error.number) {
            return
        }
        for (above, name) in zip(chain, path.folders).reversed() {
            guard unlinkat(above.raw, name, AT_REMOVEDIR) == 0 else { return }
        }
    }
}
