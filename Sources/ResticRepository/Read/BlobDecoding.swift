import NIOCore
import ResticFormat

extension Repository {
    /// Opens a sealed blob, decompresses it and compares it with its id.
    ///
    /// - Parameter sealed: opened in place: its content is lost.
    /// - Throws: `unauthenticated`, `malformed`, `mismatch`.
    func decode(
        _ sealed: UnsafeMutableRawBufferPointer, _ blob: PackedBlob
    ) throws(FormatError) -> [UInt8] {
        let payload = try open(sealed)
        let plain: [UInt8]
        if blob.isCompressed {
            plain = try decompressing { decompressor throws(FormatError) in
                try decompressor.decompress(payload, length: Int(blob.uncompressedLength))
            }
        } else {
            plain = [UInt8](payload)
        }
        let found = ResticID(hashing: plain)
        guard found == blob.handle.id else { throw Repository.otherContent(blob, found) }
        return plain
    }

    /// As the other `decode`, but lends the blob to `body` instead of making an array of it.
    ///
    /// - Parameter scratch: memory for decompressing; grows as needed.
    func decode<Result>(
        _ sealed: UnsafeMutableRawBufferPointer, _ blob: PackedBlob, scratch: ScratchMemory,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let payload = try open(sealed)
        let plain = try inflate(payload, blob, scratch)
        let found = ResticID(hashing: plain)
        guard found == blob.handle.id else { throw Repository.otherContent(blob, found) }
        return try body(plain)
    }

    private func open(_ sealed: UnsafeMutableRawBufferPointer) throws(FormatError) -> UnsafeRawBufferPointer {
        guard sealed.count >= MasterKey.overhead else {
            throw FormatError(.malformed, "a sealed blob of \(sealed.count) bytes")
        }
        let inner = UnsafeMutableRawBufferPointer(
            rebasing: sealed[(MasterKey.overhead / 2)..<(sealed.count - MasterKey.overhead / 2)])
        try key.open(UnsafeRawBufferPointer(sealed), into: inner)
        return UnsafeRawBufferPointer(inner)
    }

    private func inflate(
        _ payload: UnsafeRawBufferPointer, _ blob: PackedBlob, _ scratch: ScratchMemory
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        guard blob.isCompressed else { return payload }
        let room = scratch.room(Int(blob.uncompressedLength))
        try decompressing { decompressor throws(FormatError) in try decompressor.decompress(payload, into: room) }
        return UnsafeRawBufferPointer(room)
    }

    private static func otherContent(_ blob: PackedBlob, _ found: ResticID) -> FormatError {
        FormatError(.mismatch, "\(blob.handle) has another content, with the id \(found.shortDescription)")
    }
}

/// Memory that is used again and again by one task at a time.
///
/// Unchecked: it belongs to the task that made it or took it from a pool.
final class ScratchMemory: @unchecked Sendable {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)

    deinit { memory.deallocate() }

    /// `count` bytes of undefined content, valid until the next call.
    func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count < count {
            memory.deallocate()
            memory = .allocate(byteCount: max(count, 1 << 20), alignment: 16)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }
}
