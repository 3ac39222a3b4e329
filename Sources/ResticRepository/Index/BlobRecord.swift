import ResticFormat

/// Where one copy of a blob lies, in 48 bytes: packs are numbers of a `PackTable`, the kind is that of the table.
struct BlobRecord: Sendable, Hashable {
    let id: ResticID
    let pack: UInt32
    /// In the pack file, in bytes.
    let offset: UInt32
    /// Sealed, in the pack file, in bytes.
    let length: UInt32
    /// After decompression; 0 for a blob that is stored as it is.
    let plainLengthIfCompressed: UInt32

    /// The length of the blob itself, in bytes.
    var plainLength: UInt32 {
        plainLengthIfCompressed == 0 ? length - UInt32(MasterKey.overhead) : plainLengthIfCompressed
    }

    /// The order of a table: by id, then by place.
    static func precedes(_ left: BlobRecord, _ right: BlobRecord) -> Bool {
        if left.id != right.id { return left.id < right.id }
        return (left.pack, left.offset, left.length, left.plainLengthIfCompressed)
            < (right.pack, right.offset, right.length, right.plainLengthIfCompressed)
    }
}
