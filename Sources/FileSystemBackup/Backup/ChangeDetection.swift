import ResticFormat

/// When a file counts as unchanged since the parent snapshot, so that its content is not read again.
package struct ChangeDetection: Sendable, Hashable {
    /// Volumes that were cloned or restored have new inodes, and then new change times too.
    package var ignoresInode = false
    package var ignoresChangeTime = false

    package init(ignoresInode: Bool = false, ignoresChangeTime: Bool = false) {
        self.ignoresInode = ignoresInode
        self.ignoresChangeTime = ignoresChangeTime
    }

    /// Whether the file that `former` describes still is the one with `status`: size, time of modification, time of
    /// change, inode. The device is never compared: it changes with every mount.
    func isUnchanged(_ status: FileStatus, since former: Node) -> Bool {
        guard former.kind == .file, status.kind == .file, former.content != nil,
            UInt64(status.size) == former.size, former.modified.instant == NodeTime(status.modified).instant
        else { return false }
        if ignoresInode { return true }
        guard former.inode == status.inode else { return false }
        return ignoresChangeTime || former.changed.instant == NodeTime(status.changed).instant
    }
}
