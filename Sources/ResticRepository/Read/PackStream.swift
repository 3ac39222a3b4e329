import Basics
import NIOCore
import ObjectStorage
import ResticFormat

/// Takes a body apart into pieces of wanted lengths, each in memory that may be changed.
///
/// Memory: the largest piece, and the store's chunk.
struct PackStream {
    private var body: ByteStream.AsyncIterator
    private var chunk = ByteBuffer()
    /// Bytes of the body that were taken or skipped.
    private(set) var position: Int

    /// - Parameter start: where in the pack the body begins.
    init(_ body: ByteStream, start: Int) {
        self.body = body.makeAsyncIterator()
        position = start
    }

    /// Passes over bytes up to `target`.
    /// - Returns: false if the body ended before.
    mutating func skip(to target: Int, _ visit: (UnsafeRawBufferPointer) -> Void = { _ in }) async throws -> Bool {
        while position < target {
            guard try await fill() else { return false }
            let count = min(chunk.readableBytes, target - position)
            chunk.withUnsafeReadableBytes { visit(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            chunk.moveReaderIndex(forwardBy: count)
            position += count
        }
        return true
    }

    /// The next `count` bytes, in `scratch`, valid until its next use; nil if the body ends before.
    ///
    /// - Parameters:
    ///   - page: where in a page of memory they begin.
    ///   - visit: gets the bytes before, in one or more parts, unchanged.
    mutating func take(
        _ count: Int, _ scratch: ScratchMemory, placedAt page: Int = 0,
        _ visit: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) async throws -> UnsafeMutableRawBufferPointer? {
        let room = scratch.room(count, placedAt: page)
        var filled = 0
        while filled < count {
            guard try await fill() else { return nil }
            let part = min(chunk.readableBytes, count - filled)
            chunk.withUnsafeReadableBytes { bytes in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<part])
                visit(bytes)
                UnsafeMutableRawBufferPointer(rebasing: room[filled..<filled + part]).copyMemory(from: bytes)
            }
            chunk.moveReaderIndex(forwardBy: part)
            filled += part
        }
        position += count
        return room
    }

    private mutating func fill() async throws -> Bool {
        while chunk.readableBytes == 0 {
            guard let next = try await body.next() else { return false }
            chunk = next
        }
        return true
    }
}
