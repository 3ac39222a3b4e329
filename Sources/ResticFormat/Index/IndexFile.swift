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

    /// The whole file as a value, 48 bytes for each blob. `scan` takes less memory.
    /// - Throws: as `scan`.
    package init(decoding json: [UInt8]) throws(FormatError) {
        var packs: [Pack] = []
        try IndexFile.scan(json) { id, blobs throws(FormatError) in packs.append(Pack(id: id, blobs: blobs)) }
        self.packs = packs
    }

    /// Reads an index pack by pack without making a value of the whole. Unknown members are passed over.
    /// - Parameter visit: gets each pack with its blobs, in the order of the file. Memory: the largest pack's entries. To keep
    ///   the array is allowed, and costs a copy.
    /// - Throws: `malformed`; `unsupported` for the format of restic before 0.2, and for unknown blob types;
    ///   `limitExceeded`; what `visit` throws.
    package static func scan(
        _ json: [UInt8], visit: (ResticID, [PackedBlob]) throws(FormatError) -> Void
    ) throws(FormatError) {
        try json.withRawBytes { bytes throws(FormatError) in
            var scanner = IndexScanner(bytes)
            try scanner.scan(visit)
        }
    }

    /// Compact JSON with a line feed at its end.
    package func encoded() -> [UInt8] {
        let blobCount = packs.reduce(0) { $0 + $1.blobs.count }
        var writer = ByteWriter(capacity: 64 + packs.count * 90 + blobCount * 180)
        writer.append(#"{"packs":["#)
        for (index, pack) in packs.enumerated() {
            if index > 0 { writer.append(",") }
            writer.append(#"{"id":"#)
            writer.append(quoted: pack.id)
            writer.append(#","blobs":["#)
            writer.append(pack.blobs)
            writer.append("]}")
        }
        writer.append("]}\n")
        return writer.bytes()
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ blobs: [PackedBlob]) {
        var isFirst = true
        for blob in blobs {
            append(isFirst ? #"{"id":"# : #",{"id":"#)
            isFirst = false
            append(quoted: blob.handle.id)
            append(blob.handle.kind == .data ? #","type":"data","offset":"# : #","type":"tree","offset":"#)
            append(decimal: UInt64(blob.offset))
            append(#","length":"#)
            append(decimal: UInt64(blob.sealedLength))
            append(omittingZero: UInt64(blob.uncompressedLength), #","uncompressed_length":"#)
            append("}")
        }
    }
}
