/// A pack in the making: sealed blobs one after another in one growing buffer, hashed as they come.
///
/// A plain value; whoever holds it appends. Memory: the target size and one blob.
package struct PackBuilder: Sendable {
    /// Sealed bytes after which a pack is finished, unless told otherwise.
    package static let defaultTarget = 16 << 20
    package static let targets = (4 << 20)...(128 << 20)

    package private(set) var blobs: [PackedBlob] = []
    private var bytes: [UInt8] = []
    private var hash = SHA256Stream()
    private var headerLength = MasterKey.overhead
    private let target: Int

    /// - Parameter target: sealed bytes after which the pack is full.
    package init(target: Int = defaultTarget) {
        self.target = target
    }

    package var isEmpty: Bool { blobs.isEmpty }

    /// Bytes of sealed blobs so far.
    package var sealedLength: Int { bytes.count }

    /// Whether the pack is to be finished now: the target is reached, or the header is full.
    package var isFull: Bool {
        bytes.count >= target
            || headerLength + PackHeader.compressedEntryLength > PackHeader.maximumSealedLength
    }

    /// Adds a blob that is sealed already.
    /// - Parameter uncompressedLength: of the content, if `sealed` holds it compressed; else 0.
    /// - Throws: `unencodable` if the blob cannot be in this pack.
    @discardableResult
    package mutating func append(
        _ handle: BlobHandle, sealed: UnsafeRawBufferPointer, uncompressedLength: Int = 0
    ) throws(FormatError) -> PackedBlob {
        let blob = try describe(handle, sealedLength: sealed.count, uncompressedLength: uncompressedLength)
        reserve(sealed.count)
        bytes.append(contentsOf: sealed)
        hash.update(sealed)
        add(blob)
        return blob
    }

    @discardableResult
    package mutating func append(
        _ handle: BlobHandle, sealed: [UInt8], uncompressedLength: Int = 0
    ) throws(FormatError) -> PackedBlob {
        try sealed.withRawBytes { bytes throws(FormatError) in
            try append(handle, sealed: bytes, uncompressedLength: uncompressedLength)
        }
    }

    /// Closes the pack.
    /// - Throws: `unencodable` if it is empty.
    package consuming func finish(key: MasterKey, iv: InitializationVector) throws(FormatError) -> FinishedPack {
        let header = try PackHeader(blobs)
        let sealed = key.seal(header.encoded(), iv: iv)
        let tail = sealed + PackHeader.footer(sealedLength: sealed.count)
        bytes += tail
        tail.withUnsafeBytes { hash.update($0) }
        return FinishedPack(id: hash.finish(), bytes: bytes, header: header)
    }

    private func describe(
        _ handle: BlobHandle, sealedLength: Int, uncompressedLength: Int
    ) throws(FormatError) -> PackedBlob {
        guard sealedLength >= MasterKey.overhead, bytes.count + sealedLength <= Int(UInt32.max),
            (0...Int(UInt32.max)).contains(uncompressedLength)
        else {
            throw FormatError(.unencodable, "\(handle) of \(sealedLength) bytes does not fit into the pack")
        }
        return PackedBlob(
            handle, offset: UInt32(bytes.count), sealedLength: UInt32(sealedLength),
            uncompressedLength: UInt32(uncompressedLength))
    }

    private mutating func add(_ blob: PackedBlob) {
        blobs.append(blob)
        headerLength += blob.headerEntryLength
    }

    /// Room for the whole pack at once, so that the buffer is not copied while it grows.
    private mutating func reserve(_ more: Int) {
        guard bytes.capacity < bytes.count + more else { return }
        bytes.reserveCapacity(max(bytes.count + more, min(target, bytes.count * 4)) + (64 << 10))
    }
}

/// A pack to be stored.
package struct FinishedPack: Sendable, Hashable {
    package let id: ResticID
    package let bytes: [UInt8]
    package let header: PackHeader
    package var blobs: [PackedBlob] { header.blobs }
}
