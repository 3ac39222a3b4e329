extension PackHeader {
    /// Reads the unsealed header.
    /// - Parameter blobBytes: bytes of the pack before the header, which the entries must fill exactly.
    /// - Throws: `malformed`, `unsupported`.
    package static func decode(_ plain: [UInt8], blobBytes: Int) throws(FormatError) -> PackHeader {
        var blobs: [PackedBlob] = []
        blobs.reserveCapacity(plain.count / plainEntryLength)
        var position = 0
        var offset = 0
        while position < plain.count {
            let blob = try entry(plain, at: position, offset: offset)
            position += blob.headerEntryLength
            offset += Int(blob.sealedLength)
            guard offset <= blobBytes else {
                throw FormatError(.malformed, "the pack's header describes more than the \(blobBytes) bytes before it")
            }
            blobs.append(blob)
        }
        guard offset == blobBytes else {
            throw FormatError(.malformed, "the pack's header describes \(offset) of the \(blobBytes) bytes before it")
        }
        return try PackHeader(decoded: blobs)
    }

    /// The header as it is sealed.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blobs.count * PackHeader.compressedEntryLength)
        for blob in blobs {
            bytes.append(blob.handle.kind.rawValue | (blob.isCompressed ? 2 : 0))
            append(blob.sealedLength, to: &bytes)
            if blob.isCompressed { append(blob.uncompressedLength, to: &bytes) }
            bytes += blob.handle.id.bytes
        }
        return bytes
    }

    /// The last four bytes of a pack.
    static func footer(sealedLength: Int) -> [UInt8] {
        (0..<footerLength).map { UInt8(truncatingIfNeeded: sealedLength >> ($0 * 8)) }
    }

    static func check(_ blobs: [PackedBlob]) throws(FormatError) {
        guard !blobs.isEmpty else { throw FormatError(.unencodable, "a pack without blobs") }
        var length = MasterKey.overhead
        var offset = 0
        for blob in blobs {
            guard Int(blob.offset) == offset, Int(blob.sealedLength) >= MasterKey.overhead else {
                throw FormatError(.unencodable, "\(blob.handle) does not lie at offset \(offset) of the pack")
            }
            offset += Int(blob.sealedLength)
            length += blob.headerEntryLength
        }
        guard length <= maximumSealedLength, offset <= Int(UInt32.max) else {
            throw FormatError(.unencodable, "\(blobs.count) blobs are too many for one pack")
        }
    }

    private init(decoded blobs: [PackedBlob]) throws(FormatError) {
        guard !blobs.isEmpty else { throw FormatError(.malformed, "the pack's header is empty") }
        self.blobs = blobs
    }

    private static func entry(_ plain: [UInt8], at position: Int, offset: Int) throws(FormatError) -> PackedBlob {
        let type = plain[position]
        guard type <= 3, let kind = BlobKind(rawValue: type & 1) else {
            throw FormatError(.unsupported, "blob type \(type) in the pack's header at byte \(position)")
        }
        let isCompressed = type >= 2
        guard plain.count - position >= (isCompressed ? compressedEntryLength : plainEntryLength) else {
            throw FormatError(.malformed, "the pack's header ends within an entry, at byte \(position)")
        }
        let sealed = number(plain, at: position + 1)
        let uncompressed = isCompressed ? number(plain, at: position + 5) : 0
        guard sealed >= MasterKey.overhead, !isCompressed || uncompressed > 0, offset <= Int(UInt32.max) else {
            throw FormatError(.malformed, "impossible length in the pack's header at byte \(position)")
        }
        let id = plain.withUnsafeBytes { ResticID(loadingFrom: $0.baseAddress! + position + (isCompressed ? 9 : 5)) }
        return PackedBlob(
            BlobHandle(kind, id), offset: UInt32(offset), sealedLength: sealed, uncompressedLength: uncompressed)
    }

    private static func number(_ bytes: [UInt8], at position: Int) -> UInt32 {
        UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
            | UInt32(bytes[position + 3]) << 24
    }

    private func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    }
}
