import CLinux
import Glibc
import ResticFormat

/// Cuts a file into chunks while reading it once, forwards. Holes are not read: a chunk that lies in one is known.
///
/// A cut depends on nothing but the bytes before it, so each piece is searched once, as it arrives.
struct ChunkReader: ~Copyable {
    enum Source {
        case file(Descriptor)
        /// A pipe, say: it is read from where it stands.
        case stream(Descriptor)
    }

    enum Piece {
        /// The first `count` bytes of the buffer, which is the receiver's now.
        case chunk(ChunkBuffer, count: Int)
        /// So many chunks of the smallest size, all zeros.
        case zeros(count: Int)
    }

    /// The id of 512 KiB of zeros, which any polynomial cuts there: their fingerprint is zero.
    static let zeroID = ResticID("07854d2fef297a06ba81685e660c332de36d5d18d546927d30daad6d7fda1541")!

    private static let firstRead = 1 << 20
    private static let furtherRead = 512 << 10

    private let source: Source
    private let chunker: Chunker
    private let pool: ChunkBufferPool
    private var buffer: ChunkBuffer
    private var filled = 0
    /// Where in the file the buffer begins.
    private var start: Int64 = 0
    private var isAtEnd = false
    /// The hole that `start` may lie in; nil for files without holes.
    private var holes: HoleFinder?

    /// - Parameter holes: nil for what has none.
    init(_ source: Source, holes: HoleFinder?, chunker: Chunker, pool: ChunkBufferPool) {
        self.source = source
        self.chunker = chunker
        self.pool = pool
        buffer = pool.take()
        self.holes = holes
    }

    deinit { pool.giveBack(buffer) }

    /// Nil at the end of the file.
    mutating func next() throws(SystemError) -> Piece? {
        if let count = zeroChunks() {
            start += Int64(count * Chunker.minimum)
            filled = 0
            return .zeros(count: count)
        }
        var searched = 0
        while true {  // Ends at a cut, at the largest chunk, or at the end of the file.
            if filled > max(searched, Chunker.minimum) {
                let end = cut(from: searched)
                if end < filled || filled == Chunker.maximum { return take(end) }
                // A cut just at the end of what is there shows no difference from none: it is looked at once more.
                searched = filled - 1
            }
            if isAtEnd { return filled == 0 ? nil : take(filled) }
            try read(upTo: filled < Self.firstRead ? Self.firstRead : filled + Self.furtherRead)
        }
    }

    private func cut(from searched: Int) -> Int {
        chunker.cut(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<filled]), from: searched)
    }

    private mutating func read(upTo wanted: Int) throws(SystemError) {
        let end = min(wanted, Chunker.maximum)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled..<end])
        let count: Int
        switch source {
        case .file(let file): count = try file.read(into: room, at: start + Int64(filled))
        case .stream(let stream): count = try stream.readNext(into: room)
        }
        filled += count
        if count < room.count { isAtEnd = true }
    }

    /// The first `count` bytes leave; what was read behind them moves to a new buffer.
    private mutating func take(_ count: Int) -> Piece {
        let full = buffer
        buffer = pool.take()
        let rest = UnsafeRawBufferPointer(rebasing: full.bytes[count..<filled])
        buffer.bytes.copyMemory(from: rest)
        filled = rest.count
        start += Int64(count)
        return .chunk(full, count: count)
    }

    /// How many whole chunks of zeros begin at `start`, by the file system's word.
    private mutating func zeroChunks() -> Int? {
        guard let end = holes?.endOfHole(at: start) else { return nil }
        let count = Int((end - start) / Int64(Chunker.minimum))
        return count > 0 ? count : nil
    }
}

/// Asks the file system where data is. Source: man 2 lseek, SEEK_DATA.
struct HoleFinder {
    private let file: Descriptor
    private let size: Int64
    /// Data or a hole that was found last.
    private var data: Range<Int64> = 0..<0
    private var isUseless = false

    init(_ file: Descriptor, size: Int64) {
        self.file = file
        self.size = size
    }

    /// Where the hole around `position` ends; nil if there is data, or the file system does not say.
    mutating func endOfHole(at position: Int64) -> Int64? {
        if isUseless || data.contains(position) || position >= size { return nil }
        if position < data.lowerBound, position >= data.lowerBound - known { return data.lowerBound }
        let next = lseek(file.raw, Int(position), Int32(linux_SEEK_DATA))
        if next < 0 {
            // ENXIO: no data behind this place.
            if errno == ENXIO { return size }
            isUseless = true
            return nil
        }
        let end = lseek(file.raw, next, Int32(linux_SEEK_HOLE))
        known = Int64(next) - position
        data = Int64(next)..<Int64(max(next, end))
        return Int64(next) > position ? Int64(next) : nil
    }

    /// How much before `data` is known to be a hole.
    private var known: Int64 = 0
}
