import ResticFormat

/// What is counted. Source: restic's documentation, "Getting information about a repository".
package enum StatisticsMode: String, Sendable, Hashable, CaseIterable {
    /// The size of the files as they would be restored.
    case restoreSize = "restore-size"
    /// Files of equal content count once.
    case filesByContents = "files-by-contents"
    /// Each blob of a file counts once for it.
    case blobsPerFile = "blobs-per-file"
    /// What lies in the repository.
    case rawData = "raw-data"
}

package struct RepositoryStatistics: Sendable, Hashable {
    /// In bytes; of `rawData` as stored.
    package var totalSize: Int64 = 0
    /// Of `rawData`, in bytes, sealed.
    package var uncompressedSize: Int64 = 0
    /// Of `rawData`: how many of the uncompressed bytes are stored compressed.
    package var compressedShareBytes: Int64 = 0
    package var files = 0
    package var blobs = 0
    package var snapshots = 0

    package var compressionRatio: Double? {
        totalSize > 0 && uncompressedSize > 0 ? Double(uncompressedSize) / Double(totalSize) : nil
    }
    /// In hundredths.
    package var compressionProgress: Double? {
        uncompressedSize > 0 ? Double(compressedShareBytes) * 100 / Double(uncompressedSize) : nil
    }
    /// In hundredths.
    package var compressionSaving: Double? {
        uncompressedSize > 0 ? (1 - Double(totalSize) / Double(uncompressedSize)) * 100 : nil
    }
}

extension IndexedRepository {
    /// Counts what the snapshots hold.
    ///
    /// - Throws: as `loadTree`. Memory: 40 bytes a file with other names of the mode `restoreSize`, a hash a file of
    ///   `filesByContents`, a handle a blob of the others.
    package func statistics(
        of snapshots: [StoredSnapshot], mode: StatisticsMode
    ) async throws(RepositoryError) -> RepositoryStatistics {
        var counting = StatisticsCounting(index: index, mode: mode)
        do {
            for snapshot in snapshots {
                counting.beginSnapshot(snapshot.snapshot.tree)
                try await TreeWalk(self).run(snapshot.snapshot.tree) { step in
                    counting.count(step.node)
                    return .goOn
                }
            }
        } catch {
            throw RepositoryError(error, while: "counting")
        }
        return counting.finish()
    }
}

private struct StatisticsCounting {
    private struct HardLink: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private let index: RepositoryIndex
    private let mode: StatisticsMode
    private var result = RepositoryStatistics()
    private var links: Set<HardLink> = []
    private var contents: Set<[ResticID]> = []
    private var blobs: Set<BlobHandle> = []

    init(index: RepositoryIndex, mode: StatisticsMode) {
        self.index = index
        self.mode = mode
    }

    mutating func beginSnapshot(_ root: ResticID) {
        result.snapshots += 1
        links = []
        if mode == .rawData { blobs.insert(BlobHandle(.tree, root)) }
    }

    mutating func count(_ node: Node) {
        switch mode {
        case .restoreSize: countSize(node)
        case .filesByContents:
            guard let content = node.content, contents.insert(content).inserted else { return }
            result.files += 1
            for id in content { result.totalSize += length(id) }
        case .blobsPerFile:
            guard let content = node.content else { return }
            result.files += 1
            for id in Set(content) {
                result.blobs += 1
                result.totalSize += length(id)
            }
        case .rawData:
            if let subtree = node.subtree { blobs.insert(BlobHandle(.tree, subtree)) }
            for id in node.content ?? [] { blobs.insert(BlobHandle(.data, id)) }
        }
    }

    private mutating func countSize(_ node: Node) {
        result.files += 1
        if node.links > 1 && node.kind == .file {
            guard links.insert(HardLink(device: node.deviceID, inode: node.inode)).inserted else { return }
        }
        result.totalSize += Int64(clamping: node.size)
    }

    private func length(_ id: ResticID) -> Int64 { Int64(index.plainLength(of: BlobHandle(.data, id)) ?? 0) }

    consuming func finish() -> RepositoryStatistics {
        var result = result
        guard mode == .rawData else { return result }
        for handle in blobs {
            guard let location = index.location(of: handle) else { continue }
            result.blobs += 1
            result.totalSize += Int64(location.length)
            // As it would be stored: sealed too, as restic counts.
            let plain = Int64(location.plainLength + MasterKey.overhead)
            result.uncompressedSize += plain
            if location.uncompressedLength != nil { result.compressedShareBytes += plain }
        }
        return result
    }
}
