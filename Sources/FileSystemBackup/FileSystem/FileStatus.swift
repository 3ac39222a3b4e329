package import Basics
import Glibc
package import ResticFormat

/// What the kernel says about a file. Source: man 7 inode.
package struct FileStatus: Sendable, Hashable {
    package let kind: NodeKind
    /// Permission bits with set-user-id (0o4000), set-group-id (0o2000) and sticky (0o1000).
    package let permissions: UInt32
    package let owner: UInt32
    package let group: UInt32
    /// Of the file system that the file lies in.
    package let device: UInt64
    package let inode: UInt64
    package let links: UInt64
    /// Which device this is, if it is one.
    package let deviceNumber: UInt64
    /// In bytes.
    package let size: Int64
    /// In bytes that are kept on the disk: less than the size if the file has holes.
    package let allocated: Int64
    package let accessed: Timestamp
    package let modified: Timestamp
    package let changed: Timestamp

    init(_ status: stat) {
        kind = NodeKind(statMode: UInt32(status.st_mode))
        permissions = UInt32(status.st_mode) & 0o7777
        owner = status.st_uid
        group = status.st_gid
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        links = UInt64(status.st_nlink)
        deviceNumber = UInt64(status.st_rdev)
        size = Int64(status.st_size)
        allocated = Int64(status.st_blocks) * 512
        accessed = Timestamp(status.st_atim)
        modified = Timestamp(status.st_mtim)
        changed = Timestamp(status.st_ctim)
    }

    /// Whether this and `other` are the same file by name of inode and file system.
    func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }
}

extension Timestamp {
    init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    var timespec: Glibc.timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
}
