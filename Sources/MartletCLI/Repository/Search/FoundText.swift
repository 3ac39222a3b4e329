import Basics
import ResticFormat
import ResticRepository

/// Entries that were found, as restic prints them: text, or one array.
struct FoundEntryText: Sendable {
    let isJSON: Bool
    let isLong: Bool
    let hasReadableSizes: Bool
    let console: Console

    func begin() { if isJSON { console.write("[") } }

    func end() { if isJSON { console.write("]\n") } }

    func beginSnapshot(_ stored: StoredSnapshot, isFirst: Bool) {
        if isJSON { return console.write((isFirst ? "" : ",") + #"{"matches":["#) }
        if !isFirst { console.line("") }
        console.line(
            "Found matching entries in snapshot \(stored.id.shortDescription) from "
                + SnapshotText.time(stored.snapshot.time))
    }

    func show(_ node: Node, _ path: String, isFirst: Bool) {
        if isJSON { return console.write((isFirst ? "" : ",") + FoundEntryText.json(node, path).text) }
        let line = isLong ? NodeText.long(node, path: path, hasReadableSize: hasReadableSizes) : path
        console.line(PlainText.printable(line, keepingLines: false))
    }

    func endSnapshot(_ stored: StoredSnapshot, hits: Int) {
        if isJSON { console.write(#"],"hits":\#(hits),"snapshot":"\#(stored.id)"}"#) }
    }

    /// restic's object: the node without what it holds.
    private static func json(_ node: Node, _ path: String) -> JSONLine {
        var line = JSONLine()
        line.add("path", path)
        line.add("permissions", NodeText.permissions(node.mode))
        line.add("type", node.kind.description)
        line.add(omittingZero: "mode", UInt64(node.mode.rawValue))
        line.add("mtime", node.modified.description)
        line.add("atime", node.accessed.description)
        line.add("ctime", node.changed.description)
        line.add("uid", UInt64(node.userID))
        line.add("gid", UInt64(node.groupID))
        line.add(omittingEmpty: "user", node.user)
        line.add(omittingEmpty: "group", node.group)
        line.add(omittingZero: "inode", node.inode)
        line.add(omittingZero: "device_id", node.deviceID)
        line.add(omittingZero: "size", node.size)
        line.add(omittingZero: "links", node.links)
        line.add(omittingEmpty: "linktarget", String(decoding: node.linkTarget, as: UTF8.self))
        line.add(omittingZero: "device", node.device)
        return line
    }
}

/// Blobs and folders that were found, with what they are needed for, as restic prints them.
struct FoundObjectText: Sendable {
    let isJSON: Bool
    let console: Console

    func begin() { if isJSON { console.write("[") } }

    func end() { if isJSON { console.write("]\n") } }

    func show(_ found: ObjectSearch.Found, in stored: StoredSnapshot, isFirst: Bool) {
        let isBlob = found.handle.kind == .data
        guard isJSON else {
            console.line("Found \(isBlob ? "blob" : "tree") \(found.handle.id)")
            let path = PlainText.printable(found.path, keepingLines: false)
            console.line(isBlob ? " ... in file \(path)" : " ... path \(path)")
            if let parent = found.parent { console.line("     (tree \(parent))") }
            return console.line(
                " ... in snapshot \(stored.id.shortDescription) (\(SnapshotText.time(stored.snapshot.time)))")
        }
        var line = JSONLine()
        line.add("object_type", isBlob ? "blob" : "tree")
        line.add("id", found.handle.id.description)
        line.add("path", found.path)
        if let parent = found.parent { line.add("parent_tree", parent.description) }
        line.add("snapshot", stored.id.description)
        line.add("time", stored.snapshot.time.description)
        console.write((isFirst ? "" : ",") + line.text)
    }

    func showPacks(of handle: BlobHandle, _ locations: [BlobLocation]) {
        for location in locations {
            let plain = location.uncompressedLength.map { ", uncompressed length \($0)" } ?? ""
            console.line("Object belongs to pack \(location.pack)")
            console.line(
                " ... Pack \(location.pack.shortDescription): <Blob (\(handle.kind)) \(handle.id.shortDescription), "
                    + "offset \(location.offset), length \(location.length)\(plain)>")
        }
    }
}
