internal import Glibc

/// Mode and owner of a volume's root folder, which are in no tree: a snapshot as Velero makes it holds the folder's entries
/// alone. They go into a tag of their own, which Velero and restic do not mind.
struct FolderOwner: Sendable, Hashable {
    private static let tag = "martlet-root"

    var mode: UInt32
    var uid: UInt32
    var gid: UInt32

    /// Nil if the folder cannot be looked at.
    init?(of path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        mode = status.st_mode & 0o7777
        uid = status.st_uid
        gid = status.st_gid
    }

    /// Nil if no tag says it: a snapshot of Velero's.
    init?(tags: [String]) {
        guard let text = tags.first(where: { $0.hasPrefix(FolderOwner.tag + "=") }) else { return nil }
        let parts = text.dropFirst(FolderOwner.tag.count + 1).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let mode = UInt32(parts[0], radix: 8), mode <= 0o7777, let uid = UInt32(parts[1]),
            let gid = UInt32(parts[2])
        else { return nil }
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    var tag: String { "\(FolderOwner.tag)=\(String(mode, radix: 8)):\(uid):\(gid)" }

    /// - Returns: why it could not be set; nil if it could.
    func apply(to path: String) -> String? {
        // The owner first: a change of owner takes bits off the mode.
        guard lchown(path, uid, gid) == 0, chmod(path, mode_t(mode)) == 0 else {
            return "owner and mode of the volume's own folder were not restored: \(String(cString: strerror(errno)))"
        }
        return nil
    }
}
