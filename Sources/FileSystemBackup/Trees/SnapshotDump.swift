package import NIOCore
package import ResticFormat
package import ResticRepository

/// What a folder becomes when it is dumped.
package enum ArchiveFormat: String, Sendable, CaseIterable {
    /// With everything that a snapshot knows of its entries.
    case tar
    /// Files, folders and symbolic links, with their modes and times.
    case zip
}

/// Writes what a snapshot holds to one stream: the content of a file, or a folder as an archive.
///
/// Memory: four blobs that are fetched ahead, of at most 8 MiB each, and the trees on the way down; for a tar archive about
/// 100 bytes and the path of each file with several names, for a zip archive of each entry.
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

    /// The folder with the tree `tree`, as an archive. Sockets, which only their program can make, are left out.
    /// - Parameter path: its path in the snapshot, with which all names begin.
    /// - Throws: as `file`; `.damaged` for a file whose content is not as long as its node says; `.hostile` for a name that
    ///   would lead whoever unpacks the archive elsewhere.
    package func folder(
        _ tree: ResticID, at path: LocalPath, as format: ArchiveFormat = .tar, to sink: Sink
    ) async throws {
        switch format {
        case .tar: try await write(tree, path, TarArchive(), sink)
        case .zip: try await write(tree, path, ZipArchive(), sink)
        }
    }

    private func write(
        _ tree: ResticID, _ path: LocalPath, _ archive: some ArchiveWriter, _ sink: Sink
    ) async throws {
        let repository = repository
        var archive = archive
        let walk = SnapshotWalk { try await repository.loadTree($0) }
        try await walk.run(tree, at: path) { visit in
            try await add(visit, to: &archive, sink)
            return .descend
        }
        try await sink(ByteBuffer(bytes: archive.end()))
    }

    private func add(
        _ visit: SnapshotWalk.Visit, to archive: inout some ArchiveWriter, _ sink: Sink
    ) async throws {
        let node = visit.node
        guard node.name.isPlain else { throw FileError(.hostile, "'\(visit.path)' is no name of a file") }
        let name = Array(visit.path.bytes.drop { $0 == slash })
        guard let entry = archive.begin(node, name: name) else { return }
        try await sink(ByteBuffer(bytes: entry.bytes))
        guard entry.takesContent else { return }
        var written: UInt64 = 0
        try await file(node) { bytes in
            written += UInt64(bytes.readableBytes)
            // More than the header says would spoil everything that follows.
            guard written <= node.size else { return }
            try await sink(archive.content(bytes))
        }
        guard written == node.size else {
            throw FileError(.damaged, "'\(visit.path)' has \(written) bytes of content instead of \(node.size)")
        }
        try await sink(ByteBuffer(bytes: archive.endContent()))
    }
}

/// The bytes of an archive around and of its entries. No I/O.
protocol ArchiveWriter {
    /// What stands before an entry; nil if the archive cannot have it.
    mutating func begin(_ node: Node, name: [UInt8]) -> ArchiveEntry?
    /// The next bytes of a file, as they stand in the archive.
    mutating func content(_ bytes: ByteBuffer) -> ByteBuffer
    /// What stands behind a file's content.
    mutating func endContent() -> [UInt8]
    /// What stands behind the last entry.
    mutating func end() -> [UInt8]
}

struct ArchiveEntry {
    let bytes: [UInt8]
    /// Whether the file's content follows.
    let takesContent: Bool
}
