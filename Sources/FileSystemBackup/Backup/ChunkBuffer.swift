import ResticFormat
import Synchronization

/// Memory for one chunk of the largest size.
///
/// Sendable because it has one owner at a time: the reader that fills it hands it to the task that saves it, and that one
/// gives it back to the pool.
final class ChunkBuffer: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init() { bytes = .allocate(byteCount: Chunker.maximum, alignment: 64) }

    deinit { bytes.deallocate() }
}

/// Chunk buffers between uses, so that their pages are not asked of the kernel again for every chunk.
/// Memory: as many buffers as were ever in use at once, 8 MiB each, of which only touched pages count.
final class ChunkBufferPool: Sendable {
    private let idle = Mutex<[ChunkBuffer]>([])

    func take() -> ChunkBuffer { idle.withLock { $0.popLast() } ?? ChunkBuffer() }

    func giveBack(_ buffer: ChunkBuffer) { idle.withLock { $0.append(buffer) } }
}
