package import Basics
package import KubernetesModel
package import NIOCore

/// Packs objects into an archive of format 1.1.0, as fast as they come. One task's own; memory under 2 MiB and whatever
/// was not yet taken by `takeOutput`.
package final class ArchivePacker {
    package static let formatVersion = "1.1.0"
    private static let stageSize = 256 << 10

    private let deflater = GzipDeflater()
    private let modified: Int64
    private var stage: [UInt8] = []
    private var output = ByteBuffer()
    /// Unpacked bytes of the archive so far.
    package private(set) var unpackedBytes: Int64 = 0

    /// - Parameter now: the time of modification of every entry.
    package init(now: Timestamp) {
        modified = now.seconds
        stage.reserveCapacity(ArchivePacker.stageSize + (64 << 10))
        append(Array("\(ArchivePacker.formatVersion)\n".utf8), path: "metadata/version")
    }

    /// Writes one object at both of its paths: the old one, and the one of the version that the server prefers.
    package func append(
        _ bytes: [UInt8], resource: GroupResource, version: String, namespace: String?, name: String
    ) {
        var path = ItemPath(resource: resource, variant: .plain, namespace: namespace, name: name)
        append(bytes, path: path.text)
        path.variant = .preferred(version: version)
        append(bytes, path: path.text)
    }

    /// Writes one entry.
    package func append(_ bytes: [UInt8], path: String) {
        TarHeader.appendFile(path: path, size: bytes.count, modified: modified, to: &stage)
        stage.append(contentsOf: bytes)
        TarHeader.appendPadding(after: bytes.count, to: &stage)
        if stage.count >= ArchivePacker.stageSize { pack() }
    }

    /// Packed bytes that are ready, or nil if there are fewer than `minimum`.
    package func takeOutput(atLeast minimum: Int) -> ByteBuffer? {
        guard output.readableBytes >= minimum else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    /// Ends the archive and returns its last bytes. Nothing may be appended afterwards.
    package func finish() -> ByteBuffer {
        TarHeader.appendEnd(to: &stage)
        pack()
        deflater.finish(to: &output)
        defer { output = ByteBuffer() }
        return output
    }

    private func pack() {
        unpackedBytes += Int64(stage.count)
        deflater.append(stage, to: &output)
        stage.removeAll(keepingCapacity: true)
    }
}
