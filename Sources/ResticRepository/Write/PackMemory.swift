import NIOCore
import ObjectStorage
import ResticFormat
import Synchronization

/// The bytes of one pack in the making. Several tasks write at once, each to a place that only it was given.
///
/// Unchecked: `buffer` is touched by whoever makes the memory and whoever ends the pack; in between, parts that do not
/// overlap belong to the writers that reserved them, and `Packer`'s lock orders the two.
final class PackMemory: @unchecked Sendable {
    private var buffer: ByteBuffer
    private let base: UnsafeMutableRawPointer
    let capacity: Int

    /// - Parameter buffer: empty; its memory is used if it is large enough, and if nobody else refers to it.
    init(taking buffer: inout ByteBuffer, capacity: Int) {
        self.buffer = .aligned(taking: &buffer, capacity: capacity)
        // Nothing moves the buffer's storage until `take`, which is its next use.
        base = self.buffer.withUnsafeMutableWritableBytes { $0.baseAddress! }
        self.capacity = capacity
    }

    func region(_ offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(offset >= 0 && count >= 0 && offset + count <= capacity, "a place outside of the pack")
        return UnsafeMutableRawBufferPointer(start: base + offset, count: count)
    }

    /// The first `count` bytes. The memory is not used any more.
    func take(_ count: Int) -> ByteBuffer {
        buffer.moveWriterIndex(forwardBy: count)
        var taken = ByteBuffer()
        swap(&taken, &buffer)
        return taken
    }
}

/// Buffers that were used before, so that the kernel need not clear 16 MiB for each pack. Keeps at most `limit`.
final class PackMemoryPool: Sendable {
    private let free = Mutex<[ByteBuffer]>([])
    private let limit: Int
    /// Of an ordinary pack.
    let capacity: Int

    init(capacity: Int, limit: Int) {
        self.capacity = capacity
        self.limit = limit
    }

    /// - Parameter needed: more than `capacity` for a single blob that is larger than a pack.
    func make(needed: Int) -> PackMemory {
        var buffer = ByteBuffer()
        guard needed <= capacity else { return PackMemory(taking: &buffer, capacity: needed) }
        free.withLock { free in
            if let used = free.popLast() { buffer = used }
        }
        return PackMemory(taking: &buffer, capacity: capacity)
    }

    /// Takes a buffer back, and leaves an empty one. One that a store still holds is replaced by NIO.
    func giveBack(_ buffer: inout ByteBuffer) {
        var returned = ByteBuffer()
        swap(&returned, &buffer)
        guard returned.capacity >= capacity, returned.capacity <= capacity * 2 else { return }
        // Keeps the memory, unless somebody else refers to it.
        returned.clear()
        free.withLock { free in
            if free.count < limit { free.append(returned) }
        }
    }
}
