import ResticFormat
import Synchronization

/// Puts the sealed blobs of one kind into packs, one open pack at a time. The lock is held for giving out a place, never
/// while bytes are sealed.
final class Packer: Sendable {
    struct Slot: Sendable {
        let pack: OpenPack
        let offset: Int
        let length: Int

        /// Where the caller, and nobody else, writes the sealed blob.
        var region: UnsafeMutableRawBufferPointer { pack.memory.region(offset, length) }
    }

    private let open = Mutex<OpenPack?>(nil)
    private let pool: PackMemoryPool
    /// Sealed bytes after which a pack is closed.
    private let target: Int

    init(target: Int, pool: PackMemoryPool) {
        self.target = target
        self.pool = pool
    }

    /// Gives out a place of `sealedLength` bytes.
    ///
    /// - Returns: the place, to be handed to `fill` afterwards; and a pack that had no room and is complete, if there is one.
    func reserve(
        _ handle: BlobHandle, sealedLength: Int, uncompressedLength: Int
    ) -> (slot: Slot, complete: OpenPack?) {
        open.withLock { open in
            var complete: OpenPack?
            if let pack = open, !pack.hasRoom(for: sealedLength) {
                pack.close()
                if pack.isComplete { complete = pack }
                open = nil
            }
            let pack = open ?? OpenPack(memory: pool.make(needed: OpenPack.memoryNeeded(for: sealedLength)))
            let offset = pack.reserve(handle, sealedLength: sealedLength, uncompressedLength: uncompressedLength)
            open = pack
            if pack.length >= target {
                pack.close()
                open = nil
            }
            return (Slot(pack: pack, offset: offset, length: sealedLength), complete)
        }
    }

    /// Says that the place is filled.
    /// - Returns: its pack, if that was the last thing it waited for.
    func fill(_ slot: Slot) -> OpenPack? {
        open.withLock { _ in
            slot.pack.filled()
            return slot.pack.isComplete ? slot.pack : nil
        }
    }

    /// Closes the open pack, whatever its size.
    /// - Returns: the pack, unless there is none or somebody still fills it: `fill` returns it then.
    func close() -> OpenPack? {
        open.withLock { open in
            guard let pack = open else { return nil }
            open = nil
            pack.close()
            return pack.isComplete ? pack : nil
        }
    }
}
