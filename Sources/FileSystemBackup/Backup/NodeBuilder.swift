import Basics
import ResticFormat

/// Makes nodes of what the file system says about a file.
struct NodeBuilder: Sendable {
    let accounts: AccountNames
    let zones: ZoneTable
    let keepsAccessTime: Bool
    /// Leaves the device out where it is of no use: it changes with every mount of a volume, and all trees with it.
    let keepsDeviceOnlyForHardLinks: Bool

    /// Without content, subtree, link target and extended attributes.
    func node(_ name: [UInt8], _ status: FileStatus) -> Node {
        let modified = NodeTime(status.modified, zones: zones)
        var node = Node(
            name: FileName(name), kind: status.kind, mode: mode(status), modified: modified)
        node.accessed = keepsAccessTime ? NodeTime(status.accessed, zones: zones) : modified
        node.changed = NodeTime(status.changed, zones: zones)
        node.userID = status.owner
        node.groupID = status.group
        node.user = accounts.user(status.owner)
        node.group = accounts.group(status.group)
        node.inode = status.inode
        node.links = status.kind.recordsLinks ? status.links : 0
        let isHardLink = status.kind != .directory && status.links > 1
        node.deviceID = isHardLink || !keepsDeviceOnlyForHardLinks ? status.device : 0
        if status.kind.isDevice { node.device = status.deviceNumber }
        return node
    }

    private func mode(_ status: FileStatus) -> GoFileMode {
        GoFileMode(statMode: status.kind.typeBits | status.permissions)
    }
}

extension NodeKind {
    /// The type bits of `st_mode`. Source: man 7 inode, "The file type and mode".
    var typeBits: UInt32 {
        switch self {
        case .directory: 0o040000
        case .symlink: 0o120000
        case .blockDevice: 0o060000
        case .characterDevice: 0o020000
        case .fifo: 0o010000
        case .socket: 0o140000
        case .file: 0o100000
        case .irregular, .unknown: 0
        }
    }
}
