package import NIOCore
package import ResticFormat
package import ResticRepository

/// Writes what a snapshot holds to one stream: the content of a file, or a folder as a tar archive.
///
/// Memory: four blobs that are fetched ahead, of at most 8 MiB each, and the trees on the way down.
package struct SnapshotDump: Sendable {
    /// Takes the next bytes; waits while the receiver is slow.
    package typealias Sink = (ByteBuffer) async throws -> Void

    private static let fetchedAhead = 4

    private let repository: IndexedRepository

    package init(_ repository: IndexedRepository) { self.repository = repository }

    /// - Throws: what the repository and `sink` throw.
    package func file(_ node: Node, to sink: Sink) async throws {
        let content = node.content ?? []
        try await withThrowingTaskGroup(of: (Int, ByteBuffer).self) { [repository] group in
            var arrived: [Int: ByteBuffer] = [:]
            var started = 0
            for wanted in content.indices {
                while started < min(content.count, wanted + SnapshotDump.fetchedAhead) {
                    let place = started
                    group.addTask {
                        (place, ByteBuffer(bytes: try await repository.loadBlob(BlobHandle(.data, content[place]))))
                    }
                    started += 1
                }
                while arrived[wanted] == nil, let (place, bytes) = try await group.next() { arrived[place] = bytes }
                if let bytes = arrived.removeValue(forKey: wanted) { try await sink(bytes) }
            }
        }
    }

    /// The folder with the tree `tree`, as a tar archive.
    /// - Parameter path: its path in the snapshot, with which all names begin.
    /// - Throws: as `file`; `.damaged` for a file whose content is not as long as its node says.
    package func folder(_ tree: ResticID, at path: LocalPath, to sink: Sink) async throws {
        let repository = repository
        let walk = SnapshotWalk { try await repository.loadTree($0) }
        try await walk.run(tree, at: path) { visit in
            try await add(visit, to: sink)
            return .descend
        }
        try await sink(ByteBuffer(bytes: TarHeader.end))
    }

    private func add(_ visit: SnapshotWalk.Visit, to sink: Sink) async throws {
        let node = visit.node
        if node.kind == .socket || node.kind == .irregular || node.kind == .unknown { return }
        let size = node.kind == .file ? node.size : 0
        let name = Array(visit.path.bytes.drop { $0 == slash })
        try await sink(ByteBuffer(bytes: TarHeader.bytes(for: node, path: name, size: size)))
        guard node.kind == .file else { return }
        var written: UInt64 = 0
        try await file(node) { bytes in
            written += UInt64(bytes.readableBytes)
            // More than the header says would spoil everything that follows.
            guard written <= size else { return }
            try await sink(bytes)
        }
        guard written == size else {
            throw FileError(.damaged, "'\(visit.path)' has \(written) bytes of content instead of \(size)")
        }
        try await sink(ByteBuffer(bytes: TarHeader.padding(after: size)))
    }
}
