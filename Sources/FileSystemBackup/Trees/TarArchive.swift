import NIOCore
import ResticFormat

/// A tar archive. A file with several names has its content once; the others are hard links to the first.
struct TarArchive: ArchiveWriter {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private var firstNames: [Identity: [UInt8]] = [:]
    private var padding: [UInt8] = []

    init() {}

    mutating func begin(_ node: Node, name: [UInt8]) -> ArchiveEntry? {
        if node.kind == .socket || node.kind == .irregular || node.kind == .unknown { return nil }
        if let first = knownName(of: node, orElse: name) {
            let header = TarHeader.bytes(for: node, path: name, size: 0, hardLink: first)
            return ArchiveEntry(bytes: header, takesContent: false)
        }
        let size = node.kind == .file ? node.size : 0
        padding = TarHeader.padding(after: size)
        let header = TarHeader.bytes(for: node, path: name, size: size)
        return ArchiveEntry(bytes: header, takesContent: node.kind == .file)
    }

    /// Under which name the file has come already; nil if this is its first.
    private mutating func knownName(of node: Node, orElse name: [UInt8]) -> [UInt8]? {
        guard node.kind == .file, node.links > 1, node.inode != 0 else { return nil }
        let identity = Identity(device: node.deviceID, inode: node.inode)
        if let first = firstNames[identity] { return first }
        firstNames[identity] = name
        return nil
    }

    mutating func content(_ bytes: ByteBuffer) -> ByteBuffer { bytes }

    mutating func endContent() -> [UInt8] { padding }

    mutating func end() -> [UInt8] { TarHeader.end }
}
