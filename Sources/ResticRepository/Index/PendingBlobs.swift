import ResticFormat
import Synchronization

/// The blobs that this process added since the index was loaded: claimed by a writer, then stored in a pack.
///
/// 16 shards, each under its own lock that is held for one look at a table, so writers on all cores hardly ever meet.
/// Memory: about 110 bytes a blob.
final class PendingBlobs: Sendable {
    /// Where a new blob lies: 16 bytes.
    private struct Place {
        /// The pack's place in `packs`; `notStored` while the blob waits in memory.
        var pack: UInt32
        var offset: UInt32
        var length: UInt32
        var plainLengthIfCompressed: UInt32

        static let notStored = UInt32.max
    }

    private final class Shard: Sendable {
        let places = Mutex<[BlobHandle: Place]>([:])
    }

    private let shards: [Shard] = (0..<16).map { _ in Shard() }
    private let packs = Mutex<[ResticID]>([])
    /// False as long as nothing was ever claimed: readers then need not look into a shard.
    private let isUsed = Atomic(false)

    private func shard(of handle: BlobHandle) -> Shard { shards[Int(handle.id.word0 >> 60)] }

    /// Whether the caller is the first who wants to store this blob, and so the one who has to. `plainLength` in bytes.
    func claim(_ handle: BlobHandle, plainLength: Int) -> Bool {
        isUsed.store(true, ordering: .relaxed)
        let place = Place(
            pack: Place.notStored, offset: 0, length: UInt32(plainLength + MasterKey.overhead),
            plainLengthIfCompressed: 0)
        return shard(of: handle).places.withLock { places in
            if places[handle] != nil { return false }
            places[handle] = place
            return true
        }
    }

    /// Takes note that `pack` is in the store, with all its blobs.
    func store(_ pack: ResticID, _ blobs: [PackedBlob]) {
        let number = packs.withLock { packs in
            packs.append(pack)
            return UInt32(packs.count - 1)
        }
        isUsed.store(true, ordering: .relaxed)
        for blob in blobs {
            let place = Place(
                pack: number, offset: blob.offset, length: blob.sealedLength,
                plainLengthIfCompressed: blob.uncompressedLength)
            shard(of: blob.handle).places.withLock { $0[blob.handle] = place }
        }
    }

    func contains(_ handle: BlobHandle) -> Bool {
        guard isUsed.load(ordering: .relaxed) else { return false }
        return shard(of: handle).places.withLock { $0[handle] != nil }
    }

    /// The length of the blob itself in bytes; nil for an unknown one.
    func plainLength(of handle: BlobHandle) -> Int? {
        place(of: handle).map { place in
            place.plainLengthIfCompressed == 0
                ? Int(place.length) - MasterKey.overhead : Int(place.plainLengthIfCompressed)
        }
    }

    /// Where a blob that is stored already lies.
    func location(of handle: BlobHandle) -> BlobLocation? {
        guard let place = place(of: handle), place.pack != Place.notStored else { return nil }
        return BlobLocation(
            pack: packs.withLock { $0[Int(place.pack)] }, offset: Int(place.offset), length: Int(place.length),
            uncompressedLength: place.plainLengthIfCompressed == 0 ? nil : Int(place.plainLengthIfCompressed))
    }

    private func place(of handle: BlobHandle) -> Place? {
        guard isUsed.load(ordering: .relaxed) else { return nil }
        return shard(of: handle).places.withLock { $0[handle] }
    }
}
