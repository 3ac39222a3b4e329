import Basics
package import ResticFormat
import Synchronization

/// A file that could not be used, and why.
package struct DamagedFile: Sendable {
    package let kind: FileKind
    package let id: ResticID
    package let error: RepositoryError
}

extension Repository {
    /// Reads all index files that can be read.
    ///
    /// - Parameter files: those to read; nil for all there are.
    /// - Returns: what they say together, and the files that are damaged, which are left out.
    func readIndex(
        _ files: [ListedFile]? = nil
    ) async throws(RepositoryError) -> (index: RepositoryIndex, damage: [DamagedFile]) {
        let listed: [ListedFile]
        if let files { listed = files } else { listed = try await self.files.list(.index) }
        let packs = SharedPackTable()
        let read: [IndexFileRows]
        do {
            read = try await mapConcurrently(listed, limit: 4) { [self] file in
                try await readIndexFile(file.id, packs)
            }
        } catch {
            throw RepositoryError(error, while: "reading the index")
        }
        return (Repository.merge(read, packs), read.compactMap(\.damage))
    }

    private func readIndexFile(_ id: ResticID, _ packs: SharedPackTable) async throws(RepositoryError) -> IndexFileRows
    {
        do throws(RepositoryError) {
            let json = try await loadUnpacked(.index, id)
            return try IndexFileRows(id: id, json: json, packs, version: config.version)
        } catch {
            if error.code == .damaged || error.code == .notFound {
                return IndexFileRows(damage: DamagedFile(kind: .index, id: id, error: error))
            }
            throw error
        }
    }

    private static func merge(_ read: [IndexFileRows], _ packs: SharedPackTable) -> RepositoryIndex {
        RepositoryIndex(
            data: BlobTable(read.map(\.data)), trees: BlobTable(read.map(\.trees)),
            packs: packs.table.withLock { $0 }, files: read.compactMap(\.content))
    }
}

private final class SharedPackTable: Sendable {
    let table = Mutex(PackTable())
}

/// The rows of one index file.
private struct IndexFileRows: Sendable {
    var data: [BlobRecord] = []
    var trees: [BlobRecord] = []
    var content: IndexFileContent?
    var damage: DamagedFile?

    init(damage: DamagedFile) { self.damage = damage }

    init(id: ResticID, json: [UInt8], _ packs: SharedPackTable, version: RepositoryVersion) throws(RepositoryError) {
        var content = IndexFileContent(id: id)
        var (data, trees): ([BlobRecord], [BlobRecord]) = ([], [])
        do throws(FormatError) {
            try IndexFile.scan(json) { pack, blobs throws(FormatError) in
                let number = packs.table.withLock { $0.number(of: pack) }
                content.packs.append(number)
                content.counts.append(UInt32(blobs.count))
                for blob in blobs {
                    guard version == .v2 || !blob.isCompressed else {
                        throw FormatError(.malformed, "\(blob.handle) is compressed in a repository of version 1")
                    }
                    let record = BlobRecord(blob, pack: number)
                    if blob.handle.kind == .data { data.append(record) } else { trees.append(record) }
                }
            }
        } catch {
            throw RepositoryError(error, in: "index \(id)")
        }
        (self.data, self.trees, self.content) = (data, trees, content)
    }
}

extension BlobRecord {
    init(_ blob: PackedBlob, pack: UInt32) {
        self.init(
            id: blob.handle.id, pack: pack, offset: blob.offset, length: blob.sealedLength,
            plainLengthIfCompressed: blob.uncompressedLength)
    }

    func packed(_ kind: BlobKind) -> PackedBlob {
        PackedBlob(
            BlobHandle(kind, id), offset: offset, sealedLength: length, uncompressedLength: plainLengthIfCompressed)
    }
}
