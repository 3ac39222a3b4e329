/// Reads exactly the JSON of index files: about 150 bytes for each blob, most of them hexadecimal.
struct IndexScanner {
    private var reader: JSONReader
    /// The blobs of the present pack; the memory is used again for the next.
    private var blobs: [PackedBlob] = []

    init(_ bytes: UnsafeRawBufferPointer) { reader = JSONReader(bytes) }

    mutating func scan(_ visit: (ResticID, [PackedBlob]) throws(FormatError) -> Void) throws(FormatError) {
        guard reader.peek() != UInt8(ascii: "[") else {
            throw FormatError(.unsupported, "an index of the format before restic 0.2")
        }
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "packs" {
                try scanPacks(visit)
            } else {
                try reader.skipValue()
            }
        }
        try reader.expectEnd()
    }

    private mutating func scanPacks(
        _ visit: (ResticID, [PackedBlob]) throws(FormatError) -> Void
    ) throws(FormatError) {
        if reader.takeNull() { return }
        var isFirst = true
        while try reader.nextElement(&isFirst) {
            let pack = try scanPack()
            try visit(pack, blobs)
        }
    }

    private mutating func scanPack() throws(FormatError) -> ResticID {
        blobs.removeAll(keepingCapacity: true)
        var id: ResticID?
        var isFirst = true
        try reader.beginObject()
        while let key = try reader.nextKey(&isFirst) {
            if key == "id" {
                id = try reader.id()
            } else if key == "blobs" {
                try scanBlobs()
            } else {
                try reader.skipValue()
            }
        }
        guard let id else { throw reader.failure("index: a pack without an id before") }
        return id
    }

    private mutating func scanBlobs() throws(FormatError) {
        if reader.takeNull() { return }
        var isFirst = true
        while try reader.nextElement(&isFirst) {
            guard blobs.count < IndexFile.maximumBlobsOfPack else {
                throw FormatError(.limitExceeded, "index: a pack of more than \(blobs.count) blobs")
            }
            blobs.append(try scanBlob())
        }
    }

    private mutating func scanBlob() throws(FormatError) -> PackedBlob {
        var entry = Entry()
        var isFirst = true
        try reader.beginObject()
        while let key = try reader.nextKey(&isFirst) { try scanMember(key, &entry) }
        guard let id = entry.id, let kind = entry.kind, let length = entry.length else {
            throw reader.failure("index: a blob without id, type or length before")
        }
        guard length >= MasterKey.overhead, entry.offset <= UInt64(UInt32.max) - UInt64(length) else {
            throw reader.failure("index: a blob with an impossible place before")
        }
        return PackedBlob(
            BlobHandle(kind, id), offset: UInt32(entry.offset), sealedLength: length,
            uncompressedLength: entry.uncompressedLength)
    }

    @inline(__always)
    private mutating func scanMember(_ key: JSONKey, _ entry: inout Entry) throws(FormatError) {
        if key == "id" {
            entry.id = try reader.id()
        } else if key == "type" {
            entry.kind = try scanKind()
        } else if key == "offset" {
            entry.offset = try reader.number(upTo: UInt64(UInt32.max))
        } else if key == "length" {
            entry.length = UInt32(try reader.number(upTo: UInt64(UInt32.max)))
        } else if key == "uncompressed_length" {
            entry.uncompressedLength = UInt32(try reader.number(upTo: UInt64(UInt32.max)))
        } else {
            try reader.skipValue()
        }
    }

    private mutating func scanKind() throws(FormatError) -> BlobKind {
        let span = try reader.stringSpan()
        let word = JSONKey(span: span, bytes: reader.bytes)
        if word == "data" { return .data }
        if word == "tree" { return .tree }
        throw FormatError(.unsupported, "index: unknown blob type before byte \(reader.position)")
    }

    private struct Entry {
        var id: ResticID?
        var kind: BlobKind?
        var offset: UInt64 = 0
        var length: UInt32?
        var uncompressedLength: UInt32 = 0
    }
}
