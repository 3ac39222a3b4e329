package import ResticFormat

/// What a pack holds, by its blobs' kinds.
package enum PackContent: Sendable, Hashable {
    case data, trees
    /// Both; only very old versions of restic wrote such packs.
    case mixed

    init(_ kind: BlobKind) { self = kind == .data ? .data : .trees }

    func adding(_ kind: BlobKind) -> PackContent { self == PackContent(kind) ? self : .mixed }
}

/// How much of a pack is still needed, as the index tells it. Bytes include the pack's own header.
package struct PackUsage: Sendable, Hashable {
    package let id: ResticID
    package var content: PackContent?
    package var usedBlobs = 0
    /// Needed by nobody, or kept in another pack.
    package var unusedBlobs = 0
    /// Of the unused ones, those of which another copy is used.
    package var duplicateBlobs = 0
    package var usedBytes = PackUsage.headerOverhead
    package var unusedBytes = 0
    package var duplicateBytes = 0
    /// Bytes of blobs stored as they are.
    package var uncompressedBytes = 0
    package var hasUncompressedTrees = false
    package var hasUncompressedData = false

    package init(id: ResticID) { self.id = id }

    /// What the file's size must be: the index alone foretells it.
    package var size: Int { usedBytes + unusedBytes }

    /// Of a pack without blobs: the sealed header's overhead and the four bytes of its length.
    static let headerOverhead = 36

    /// In a pack file and its header.
    static func bytes(of record: BlobRecord) -> Int {
        Int(record.length) + (record.plainLengthIfCompressed == 0 ? 37 : 41)
    }
}
