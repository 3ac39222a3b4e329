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

    /// As the other `decode`, without making an array: the result lies in `sealed` or in `scratch`.
    func decode(
        _ sealed: UnsafeMutableRawBufferPointer, _ blob: PackedBlob, _ scratch: ScratchMemory, placedAt page: Int
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        let payload = try open(sealed)
        let plain = try inflate(payload, blob, scratch, placedAt: page)
        let found = ResticID(hashing: plain)
        guard found == blob.handle.id else { throw Repository.otherContent(blob, found) }
        return plain
    }

    func open(_ sealed: UnsafeMutableRawBufferPointer) throws(FormatError) -> UnsafeRawBufferPointer {
        guard sealed.count >= MasterKey.overhead else {
            throw FormatError(.malformed, "a sealed blob of \(sealed.count) bytes")
        }
        let inner = UnsafeMutableRawBufferPointer(
            rebasing: sealed[(MasterKey.overhead / 2)..<(sealed.count - MasterKey.overhead / 2)])
        try key.open(UnsafeRawBufferPointer(sealed), into: inner)
        return UnsafeRawBufferPointer(inner)
    }

    func inflate(
        _ payload: UnsafeRawBufferPointer, _ blob: PackedBlob, _ scratch: ScratchMemory, placedAt page: Int = 0
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        guard blob.isCompressed else { return payload }
        let room = scratch.room(Int(blob.uncompressedLength), placedAt: page)
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
    private let least: Int

    /// - Parameter least: what is allocated at once, in bytes, so that memory that is used again need not grow often.
    init(least: Int = 1 << 20) { self.least = least }

    deinit { memory.deallocate() }

    static let page = 4096

    /// `count` bytes of undefined content, valid until the next call.
    /// - Parameter place: where in a page of memory they begin; counted modulo the page.
    func room(_ count: Int, placedAt place: Int = 0) -> UnsafeMutableRawBufferPointer {
        let start = place & (ScratchMemory.page - 1)
        if memory.count < start + count {
            memory.deallocate()
            memory = .allocate(byteCount: max(start + count, least), alignment: ScratchMemory.page)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + count])
    }
}
