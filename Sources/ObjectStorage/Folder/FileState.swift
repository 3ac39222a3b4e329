import Basics
import Glibc

/// What the file system says of an object's file.
struct FileState: Hashable {
    let size: Int64
    let modified: Timestamp
    private let inode: UInt64

    /// Nil for everything that is no regular file.
    init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int64(status.st_size)
        modified = Timestamp(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int32(status.st_mtim.tv_nsec))
        inode = UInt64(status.st_ino)
    }

    /// The file's identity, time and size. A digest would mean reading every file to list a folder. Each write makes a new
    /// file with a time of its own, so the tag changes with every write through a store; other programs that change a
    /// file in place change it within the clock tick of the kernel (4 ms). A copied folder has other tags.
    var tag: String {
        "\(hex(inode))-\(hex(UInt64(bitPattern: modified.seconds))).\(hex(UInt64(modified.nanoseconds)))-\(hex(UInt64(size)))"
    }

    func info(_ key: ObjectKey, _ attributes: FolderAttributes? = nil) -> ObjectInfo {
        ObjectInfo(
            key: key, size: size, etag: tag, lastModified: modified, contentType: attributes?.contentType,
            metadata: attributes?.metadata ?? [:])
    }
}

private func hex(_ number: UInt64) -> String { String(number, radix: 16) }
