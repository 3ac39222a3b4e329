package import ResticFormat

/// Where a copy of a blob lies.
package struct BlobLocation: Sendable, Hashable {
    package let pack: ResticID
    /// In the pack file, in bytes.
    package let offset: Int
    /// Sealed, in the pack file, in bytes.
    package let length: Int
    /// In bytes after decompression; nil if the blob is stored uncompressed.
    package let uncompressedLength: Int?

    package var plainLength: Int { uncompressedLength ?? length - MasterKey.overhead }
}

/// What all index files together say, and what this process added since.
///
/// Lookups take no lock for blobs of the loaded part, which never changes. Memory: 49 bytes a blob, 80 a pack, and see
/// `PendingBlobs` for what was added.
package final class RepositoryIndex: Sendable {
    let data: BlobTable
    let trees: BlobTable
    let packs: PackTable
    /// The index files that were read, each with the numbers of its packs.
    let files: [IndexFileContent]
    let pending = PendingBlobs()

    init(data: BlobTable, trees: BlobTable, packs: PackTable, files: [IndexFileContent]) {
        self.data = data
        self.trees = trees
        self.packs = packs
        self.files = files
    }

    func table(_ kind: BlobKind) -> BlobTable { kind == .data ? data : trees }

    /// Blobs that were loaded, each copy counted.
    package var blobCount: Int { data.records.count + trees.records.count }
    package var packCount: Int { packs.count }

    /// Whether the blob is stored, or will be when the writer that claimed it has flushed.
    package func contains(_ handle: BlobHandle) -> Bool {
        table(handle.kind).contains(handle.id) || pending.contains(handle)
    }

    /// The length of the blob itself in bytes; nil for an unknown one.
    package func plainLength(of handle: BlobHandle) -> Int? {
        let table = table(handle.kind)
        if let first = table.positions(of: handle.id).first { return Int(table.records[first].plainLength) }
        return pending.plainLength(of: handle)
    }

    /// All stored copies, in the order of their packs' numbers; empty for an unknown blob.
    package func locations(of handle: BlobHandle) -> [BlobLocation] {
        let table = table(handle.kind)
        let known = table.positions(of: handle.id).map { location(table.records[$0]) }
        return known.isEmpty ? [pending.location(of: handle)].compactMap { $0 } : known
    }

    /// The first stored copy.
    package func location(of handle: BlobHandle) -> BlobLocation? {
        let table = table(handle.kind)
        if let first = table.positions(of: handle.id).first { return location(table.records[first]) }
        return pending.location(of: handle)
    }

    func location(_ record: BlobRecord) -> BlobLocation {
        BlobLocation(
            pack: packs[record.pack], offset: Int(record.offset), length: Int(record.length),
            uncompressedLength: record.plainLengthIfCompressed == 0 ? nil : Int(record.plainLengthIfCompressed))
    }

    /// Whether the promises of the tables hold: sorted, in their buckets, packs known.
    package func checkInvariants() -> Bool {
        let hasPacks = [data, trees].allSatisfy { table in
            table.records.allSatisfy { Int($0.pack) < packs.count }
        }
        return hasPacks && data.checkInvariants() && trees.checkInvariants()
    }
}

/// One index file as it was found: which packs it describes.
struct IndexFileContent: Sendable {
    let id: ResticID
    var packs: [UInt32] = []
    /// How many blobs it names in each of `packs`.
    var counts: [UInt32] = []

    var blobCount: Int { counts.reduce(0) { $0 + Int($1) } }
}

extension RepositoryIndex {
    /// The blobs that were loaded, those of one kind ascending by id. Memory: 40 bytes a blob.
    package func handles(_ kind: BlobKind) -> [BlobHandle] {
        var handles: [BlobHandle] = []
        let table = table(kind)
        table.forEachID { handles.append(BlobHandle(kind, table.records[$0.lowerBound].id)) }
        return handles
    }
}
