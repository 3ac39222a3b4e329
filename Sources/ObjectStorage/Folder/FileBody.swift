import Basics
import CLinux
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A range of an open file, read in pieces on threads that may wait.
///
/// Large ranges are read one piece ahead, so that the disk works while the piece before is worked on, and past the page
/// cache if most of them is not in it; see `DirectTransfer`. Memory: one piece of 256 KiB, or two of 1 MiB.
struct FileBody: Sendable {
    private let file: Descriptor
    private let range: Range<Int64>
    private let threads: NIOThreadPool
    /// For messages.
    private let name: String

    private static let smallPiece: Int64 = 256 << 10
    private static let largePiece: Int64 = 1 << 20
    /// From this length on a range is read ahead. Headers and single blobs are shorter as a rule.
    private static let large: Int64 = 2 << 20

    /// - Parameters:
    ///   - file: nobody else's; its flags may change.
    ///   - name: what is read, for messages.
    init(_ file: Descriptor, _ range: Range<Int64>, name: String, threads: NIOThreadPool) {
        self.file = file
        self.range = range
        self.name = name
        self.threads = threads
    }

    private var isLarge: Bool { range.upperBound - range.lowerBound >= FileBody.large }

    /// The bytes, as a body of the store's answer.
    var stream: ByteStream {
        ByteStream {
            var offset = range.lowerBound
            var ahead: PieceAhead?
            return {
                guard offset < range.upperBound else { return nil }
                let piece = try await (ahead ?? begin(at: offset)).bytes()
                guard piece.readableBytes > 0 else {
                    throw StoreError(.integrity, "\(name) ended at \(offset) of \(range.upperBound) bytes")
                }
                offset += Int64(piece.readableBytes)
                ahead = isLarge && offset < range.upperBound ? begin(at: offset) : nil
                return piece
            }
        }
    }

    private func begin(at offset: Int64) -> PieceAhead {
        let reading = "reading \(name)"
        return PieceAhead(threads, reading) {
            if offset == range.lowerBound, isLarge, isMostlyUncached { setDirect(true) }
            return try read(at: offset)
        }
    }

    /// Whether less than half of the range is in the page cache; false where the kernel does not say.
    private var isMostlyUncached: Bool {
        let length = range.upperBound - range.lowerBound
        let pages = linux_cached_pages(file.raw, UInt64(range.lowerBound), UInt64(length))
        return pages >= 0 && pages * Int64(DirectTransfer.alignment) < length / 2
    }

    /// A file system that reads only through the cache keeps the flag as it was.
    private func setDirect(_ isDirect: Bool) {
        let flags = fcntl(file.raw, F_GETFL, 0)
        guard flags >= 0 else { return }
        let direct = Int32(linux_O_DIRECT)
        _ = fcntl(file.raw, F_SETFL, isDirect ? flags | direct : flags & ~direct)
    }

    /// The piece at `offset`; empty only at the end of the file. Reads whole pages into memory that begins on one, as
    /// reading past the cache demands.
    private func read(at offset: Int64) throws(SystemError) -> ByteBuffer {
        let page = Int64(DirectTransfer.alignment)
        let start = offset & ~(page - 1)
        let longest = isLarge ? FileBody.largePiece : FileBody.smallPiece
        let end = min(start + longest, (range.upperBound + page - 1) & ~(page - 1))
        var none = ByteBuffer()
        var buffer = ByteBuffer.aligned(taking: &none, capacity: Int(end - start))
        let count: Int
        do {
            count = try fill(&buffer, Int(end - start), at: start)
        } catch let error where error.number == EINVAL {
            // The file system wants more than pages, or reads nothing past its cache.
            setDirect(false)
            count = try fill(&buffer, Int(end - start), at: start)
        }
        buffer.moveReaderIndex(forwardBy: min(count, Int(offset - start)))
        let wanted = Int(range.upperBound - offset)
        if buffer.readableBytes > wanted { buffer.moveWriterIndex(to: buffer.readerIndex + wanted) }
        return buffer
    }

    private func fill(_ buffer: inout ByteBuffer, _ count: Int, at start: Int64) throws(SystemError) -> Int {
        let raw = file.raw
        let found = try buffer.withUnsafeMutableWritableBytes { (space) throws(SystemError) in
            try systemCall { pread(raw, space.baseAddress, count, off_t(start)) }
        }
        buffer.moveWriterIndex(forwardBy: found)
        return found
    }
}

/// A piece that is being read, whether or not somebody waits for it yet. One task waits for it, once.
private final class PieceAhead: Sendable {
    private enum State {
        case reading
        case awaited(CheckedContinuation<ByteBuffer, any Error>)
        case read(Result<ByteBuffer, any Error>)
    }

    private let state = Mutex(State.reading)

    /// - Parameter reading: for messages.
    init(_ threads: NIOThreadPool, _ reading: String, _ read: @escaping @Sendable () throws -> ByteBuffer) {
        threads.submit { [self] work in
            guard work == .active else {
                finish(.failure(StoreError(CancellationError(), while: reading)))
                return
            }
            finish(
                Result { try read() }.mapError { error in
                    (error as? SystemError).map { StoreError($0, reading) } ?? StoreError(error, while: reading)
                })
        }
    }

    private func finish(_ result: Result<ByteBuffer, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<ByteBuffer, any Error>? in
            defer { state = .read(result) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: result)
    }

    func bytes() async throws -> ByteBuffer {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state -> Result<ByteBuffer, any Error>? in
                if case .read(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }
}
