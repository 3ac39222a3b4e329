import CLinux
import Glibc
import ResticFormat

/// Makes files, folders, links, devices and pipes in an open folder. Nothing is followed, nothing that is there is used.
extension Descriptor {
    /// A new file that only this user may read for now.
    func makeFile(_ name: [UInt8]) throws(SystemError) -> Descriptor {
        try open(name, flags: O_WRONLY | O_CREAT | O_EXCL, permissions: 0o600)
    }

    /// A new folder for this user only; one that is there already is taken.
    func makeFolder(_ name: [UInt8]) throws(SystemError) -> Descriptor {
        let raw = raw
        do {
            _ = try withCName(name) { (name) throws(SystemError) in try systemCall { mkdirat(raw, name, 0o700) } }
        } catch {
            guard error.number == EEXIST else { throw error }
        }
        return try openFolder(name)
    }

    func makeLink(_ name: [UInt8], to target: [UInt8]) throws(SystemError) {
        let raw = raw
        _ = try withCName(target) { (target) throws(SystemError) in
            try withCName(name) { (name) throws(SystemError) in try systemCall { symlinkat(target, raw, name) } }
        }
    }

    /// A device or a pipe.
    func makeSpecial(_ name: [UInt8], _ node: Node) throws(SystemError) {
        let raw = raw
        _ = try withCName(name) { (name) throws(SystemError) in
            try systemCall { mknodat(raw, name, node.kind.typeBits | 0o600, UInt(node.device)) }
        }
    }

    /// Sets the permissions of a device or a pipe. `chmod` by name would follow a link that somebody put there meanwhile, so
    /// the thing itself is held, and named through /proc. Source: man 2 open, O_PATH.
    func setPermissions(_ permissions: UInt32, of name: [UInt8], kind: NodeKind) throws(SystemError) {
        let held = try open(name, flags: Int32(linux_O_PATH))
        guard try held.status().kind == kind else { throw SystemError(number: ELOOP) }
        _ = try withCName(Array("/proc/self/fd/\(held.raw)".utf8)) { (path) throws(SystemError) in
            try systemCall { chmod(path, permissions) }
        }
    }

    /// Another name for `existing` in `folder`.
    func makeHardLink(_ name: [UInt8], to existing: [UInt8], in folder: Descriptor) throws(SystemError) {
        let raw = raw
        _ = try withCName(existing) { (existing) throws(SystemError) in
            try withCName(name) { (name) throws(SystemError) in
                try systemCall { linkat(folder.raw, existing, raw, name, 0) }
            }
        }
    }

    /// Removes a file or an empty folder; what is not there is fine.
    func remove(_ name: [UInt8], isFolder: Bool) throws(SystemError) {
        let raw = raw
        do {
            _ = try withCName(name) { (name) throws(SystemError) in
                try systemCall { unlinkat(raw, name, isFolder ? AT_REMOVEDIR : 0) }
            }
        } catch {
            guard error.number == ENOENT else { throw error }
        }
    }

    /// Removes `name` with all that is in it and selected. Links are removed, not followed.
    /// - Parameter count: called for each removed item.
    func removeTree(_ name: [UInt8], _ scope: SelectionScope, count: () -> Void) throws(SystemError) {
        let status: FileStatus
        do {
            status = try self.status(of: name)
        } catch {
            if error.number == ENOENT { return }
            throw error
        }
        guard status.kind == .directory else {
            try remove(name, isFolder: false)
            count()
            return
        }
        let folder = try openFolder(name)
        let inner = scope.entering(name)
        var isKept = false
        for entry in try FolderEntries.names(in: folder) {
            if inner.selects(entry) {
                try folder.removeTree(entry, inner, count: count)
            } else {
                isKept = true
            }
        }
        if isKept { return }
        do {
            try remove(name, isFolder: true)
            count()
        } catch {
            // Something further down is not selected.
            guard error.number == ENOTEMPTY else { throw error }
        }
    }
}
