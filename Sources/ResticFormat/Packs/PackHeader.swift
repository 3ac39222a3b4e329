/// The table at the end of a pack: which blobs it holds, in the order in which they lie there.
///
/// A pack is `blobs || sealed header || little-endian u32 length of the sealed header`; nothing else fits in, so the
/// header (or the index) predicts the size of the file to the byte.
package struct PackHeader: Sendable, Hashable {
    /// In the order of their offsets, without gaps.
    package let blobs: [PackedBlob]

    package static let plainEntryLength = 37
    package static let compressedEntryLength = 41
    /// The length field at the end of the pack.
    package static let footerLength = 4
    /// The bound of a sealed header, so that a broken length cannot make anybody allocate 4 GiB.
    package static let maximumSealedLength = 16 << 20
    /// What to fetch of the end of a pack in a first request: 15 entries fit in.
    package static let usualTailLength = 15 * compressedEntryLength + MasterKey.overhead + footerLength

    /// - Throws: `unencodable` if there is none, too many, or the offsets have gaps.
    package init(_ blobs: [PackedBlob]) throws(FormatError) {
        try PackHeader.check(blobs)
        self.blobs = blobs
    }

    /// Bytes of the whole file of a pack with these blobs. In any order.
    package static func fileSize(of blobs: some Sequence<PackedBlob>) -> Int {
        var size = MasterKey.overhead + footerLength
        for blob in blobs { size += Int(blob.sealedLength) + blob.headerEntryLength }
        return size
    }

    package var fileSize: Int { PackHeader.fileSize(of: blobs) }

    /// The length of the sealed header that the last four bytes of a pack of `fileSize` bytes announce.
    /// - Throws: `malformed`, `limitExceeded`.
    package static func sealedLength(footer: [UInt8], fileSize: Int) throws(FormatError) -> Int {
        guard footer.count == footerLength else {
            throw FormatError(.malformed, "a pack's footer has \(footerLength) bytes, not \(footer.count)")
        }
        let length = footer.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length >= MasterKey.overhead + plainEntryLength else {
            throw FormatError(.malformed, "the pack announces a header of \(length) bytes, which is too short")
        }
        guard length <= maximumSealedLength else {
            throw FormatError(.limitExceeded, "the pack announces a header of \(length) bytes")
        }
        guard length + footerLength <= fileSize else {
            throw FormatError(.malformed, "the pack of \(fileSize) bytes announces a header of \(length) bytes")
        }
        return length
    }

    /// Reads the header from the end of a pack.
    /// - Parameters:
    ///   - tail: the last bytes of the pack, or the whole of it. If they are too few, `Tail.needs` says how many it takes.
    ///   - fileSize: of the whole pack.
    /// - Throws: `unauthenticated`, `malformed`, `unsupported`, `limitExceeded`.
    package static func read(tail: [UInt8], fileSize: Int, key: MasterKey) throws(FormatError) -> Tail {
        guard tail.count >= footerLength, tail.count <= fileSize else {
            throw FormatError(.malformed, "\(tail.count) bytes are not the end of a pack of \(fileSize) bytes")
        }
        let length = try sealedLength(footer: Array(tail.suffix(footerLength)), fileSize: fileSize)
        guard tail.count >= length + footerLength else { return .needs(length + footerLength) }
        let sealed = Array(tail.dropLast(footerLength).suffix(length))
        return .header(try decode(try key.open(sealed), blobBytes: fileSize - footerLength - length))
    }

    package enum Tail: Sendable, Hashable {
        case header(PackHeader)
        /// The last so many bytes of the pack are wanted.
        case needs(Int)
    }
}
