/// Where a blob lies in a pack, as the pack's header and the index say. 48 bytes.
package struct PackedBlob: Sendable, Hashable {
    package let handle: BlobHandle
    /// From the beginning of the pack.
    package let offset: UInt32
    /// With the 32 bytes that sealing adds.
    package let sealedLength: UInt32
    /// Length after decompression; 0 for a blob that is stored uncompressed.
    package let uncompressedLength: UInt32

    package init(_ handle: BlobHandle, offset: UInt32, sealedLength: UInt32, uncompressedLength: UInt32 = 0) {
        self.handle = handle
        self.offset = offset
        self.sealedLength = sealedLength
        self.uncompressedLength = uncompressedLength
    }

    package var isCompressed: Bool { uncompressedLength != 0 }

    /// Length of the content.
    package var plainLength: Int {
        isCompressed ? Int(uncompressedLength) : max(0, Int(sealedLength) - MasterKey.overhead)
    }

    /// Bytes of the pack that hold the blob.
    package var range: Range<Int> { Int(offset)..<(Int(offset) + Int(sealedLength)) }

    /// Bytes of the blob's entry in the pack's header.
    package var headerEntryLength: Int { isCompressed ? PackHeader.compressedEntryLength : PackHeader.plainEntryLength }
}
