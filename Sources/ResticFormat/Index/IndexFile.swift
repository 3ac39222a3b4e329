/// A file of `index/`: which blobs lie in which packs.
package struct IndexFile: Sendable, Hashable {
    /// All blobs of one pack.
    package struct Pack: Sendable, Hashable {
        package var id: ResticID
        package var blobs: [PackedBlob]

        package init(id: ResticID, blobs: [PackedBlob]) {
            self.id = id
            self.blobs = blobs
        }
    }

    package var packs: [Pack]

    /// Blobs after which a writer begins a new file.
    package static let fullBlobCount = 50_000
    /// A file with more is split when it is next rewritten.
    package static let oversizedBlobCount = fullBlobCount + 409_200
    /// The bound of blobs in one pack: more do not fit into its header.
    package static let maximumBlobsOfPack = PackHeader.maximumSealedLength / PackHeader.plainEntryLength

    package init(packs: [Pack]) { self.packs = packs }

    package init(decoding json: [UInt8]) throws(FormatError) {
        var packs: [Pack] = []
        try IndexFile.scan(json) { id, blobs in packs.append(Pack(id: id, blobs: blobs)) }
        self.packs = packs
    }

    /// Reads an index pack by pack without making a value of the whole.
    /// - Parameter visit: gets each pack with its blobs, in the order of the file. Memory: the largest pack's entries.
    /// - Throws: `malformed`; `unsupported` for the format of restic before 0.2, and for unknown blob types; `limitExceeded`.
    package static func scan(_ json: [UInt8], visit: (ResticID, [PackedBlob]) throws(FormatError) -> Void) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    /// Compact JSON with a line feed at its end.
    package func encoded() -> [UInt8] { [] }
}
