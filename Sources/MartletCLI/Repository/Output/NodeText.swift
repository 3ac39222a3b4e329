import Basics
import ResticFormat

/// Entries of a snapshot as `ls` prints them.
enum NodeText {
    /// `drwxr-xr-x`, with Go's letters for what is neither file nor folder. Source: Go's documentation, `fs.FileMode`.
    static func permissions(_ mode: GoFileMode) -> String {
        var text = ""
        for (bit, letter) in flags where mode.rawValue & bit != 0 { text.append(letter) }
        if text.isEmpty { text = "-" }
        for (index, letter) in "rwxrwxrwx".enumerated() {
            text.append(mode.permissions >> UInt32(8 - index) & 1 == 1 ? letter : "-")
        }
        return text
    }

    private static let flags: [(UInt32, Character)] = [
        (GoFileMode.directory, "d"), (GoFileMode.symlink, "L"), (GoFileMode.device, "D"), (GoFileMode.fifo, "p"),
        (GoFileMode.socket, "S"), (GoFileMode.setUserID, "u"), (GoFileMode.setGroupID, "g"),
        (GoFileMode.characterDevice, "c"), (GoFileMode.sticky, "t"), (GoFileMode.irregular, "?"),
    ]

    static func long(_ node: Node, path: String, hasReadableSize: Bool = false) -> String {
        let target = node.kind == .symlink ? " -> \(String(decoding: node.linkTarget, as: UTF8.self))" : ""
        let size = hasReadableSize ? ResticSize.text(Int64(clamping: node.size)) : String(node.size)
        let numbers = [(String(node.userID), 5), (String(node.groupID), 5), (size, 6)]
            .map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }
        return
            "\(permissions(node.mode)) \(numbers.joined(separator: " ")) \(SnapshotText.time(node.modified)) \(path)\(target)"
    }

    /// restic's object.
    static func json(_ node: Node, path: String) -> JSONLine {
        var line = JSONLine()
        line.add("name", node.name.description)
        line.add("type", node.kind.description)
        line.add("path", path)
        line.add("uid", UInt64(node.userID))
        line.add("gid", UInt64(node.groupID))
        if node.kind == .file { line.add("size", node.size) }
        line.add(omittingZero: "mode", UInt64(node.mode.rawValue))
        line.add("permissions", permissions(node.mode))
        line.add("mtime", node.modified.description)
        line.add("atime", node.accessed.description)
        line.add("ctime", node.changed.description)
        line.add(omittingZero: "inode", node.inode)
        line.add("message_type", "node")
        line.add("struct_type", "node")
        return line
    }
}
