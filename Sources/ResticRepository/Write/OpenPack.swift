import NIOCore
import ResticFormat

/// A pack in the making: what lies where, and its memory. Changed only by `Packer`, under its lock, until it is closed and
/// all its writers are done; from then on owned by whoever stores it.
///
/// Unchecked for that reason.
final class OpenPack: @unchecked Sendable {
    let memory: PackMemory
    private(set) var blobs: [PackedBlob] = []
    /// Bytes of sealed blobs so far.
    private(set) var length = 0
    private var headerLength = MasterKey.overhead + PackHeader.footerLength
    /// Tasks that were given a place and have not filled it yet.
    private(set) var writers = 0
    private(set) var isClosed = false

    init(memory: PackMemory) { self.memory = memory }

    func hasRoom(for sealedLength: Int) -> Bool {
        let header = headerLength + PackHeader.compressedEntryLength
        return header <= PackHeader.maximumSealedLength && length + sealedLength + header <= memory.capacity
    }

    /// What a pack of this one blob needs.
    static func memoryNeeded(for sealedLength: Int) -> Int {
        sealedLength + PackHeader.compressedEntryLength + MasterKey.overhead + PackHeader.footerLength
    }

    /// Gives out the place for a blob: its offset.
    func reserve(_ handle: BlobHandle, sealedLength: Int, uncompressedLength: Int) -> Int {
        let blob = PackedBlob(
            handle, offset: UInt32(length), sealedLength: UInt32(sealedLength),
            uncompressedLength: UInt32(uncompressedLength))
        blobs.append(blob)
        headerLength += blob.headerEntryLength
        writers += 1
        defer { length += sealedLength }
        return length
    }

    func filled() { writers -= 1 }

    func close() { isClosed = true }

    var isComplete: Bool { isClosed && writers == 0 }

    /// Seals the header behind the blobs. The pack is not used any more.
    /// - Throws: `unencodable`, which a pack that `Packer` made never meets.
    func finish(key: MasterKey, nonces: NonceSource) throws(FormatError) -> ByteBuffer {
        let header = try PackHeader(blobs).encoded()
        let sealedLength = header.count + MasterKey.overhead
        header.withUnsafeBytes { key.seal($0, iv: nonces.next(), into: memory.region(length, sealedLength)) }
        let footer = memory.region(length + sealedLength, PackHeader.footerLength)
        footer.storeBytes(of: UInt32(sealedLength).littleEndian, as: UInt32.self)
        return memory.take(length + sealedLength + PackHeader.footerLength)
    }
}
