import Basics
import Glibc
import ResticFormat

extension BackupEngine {
    /// Stores what `source` gives until its end, as a file at `names`; the folders above it are made up.
    func saveStream(
        _ source: Descriptor, at names: [[UInt8]], time: Timestamp, labels: SnapshotLabels
    ) async throws -> [Node] {
        let path = LocalPath(bytes: []).appending(folder: names)
        observer?(.reading(path))
        let content: FileContent
        do {
            content = try await saveContent(ofStream: source)
        } catch let error as SystemError {
            throw FileError(error, "reading the input for", path)
        }
        var node = made(names[names.count - 1], mode: 0o100644, time, labels)
        node.content = content.ids
        node.size = UInt64(content.length)
        finish(node, former: nil, path)
        for name in names.dropLast().reversed() {
            var folder = made(name, mode: 0o040755, time, labels)
            folder.subtree = try await saveTree([node], former: nil)
            finish(folder, former: nil, path)
            node = folder
        }
        return [node]
    }

    private func made(_ name: [UInt8], mode: UInt32, _ time: Timestamp, _ labels: SnapshotLabels) -> Node {
        var node = Node(
            name: FileName(name), kind: NodeKind(statMode: mode), mode: GoFileMode(statMode: mode),
            modified: NodeTime(time, zones: nodes.zones))
        node.userID = labels.userID
        node.groupID = labels.groupID
        node.user = nodes.accounts.user(labels.userID)
        node.group = nodes.accounts.group(labels.groupID)
        return node
    }
}
