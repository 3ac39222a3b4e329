import Glibc
package import NIOCore

/// Moving large pieces between memory and disk without the page cache.
///
/// A repository is larger than memory, and each of its files is written once and read seldom: the cache gains nothing by
/// keeping it, pushes out what the machine's own work needs, and costs a copy and a fresh page for every 4 KiB, which on
/// virtual machines is most of the time of a write. The disk takes and gives such pieces at its full speed. Source: man 2
/// open, "O_DIRECT".
package enum DirectTransfer {
    /// What memory, place in the file and length have to be multiples of: a page, which no file system exceeds in practice;
    /// one that does refuses, and is written the ordinary way.
    package static let alignment = 4096
    /// Shorter pieces gain nothing.
    package static let least = 1 << 20
}

extension ByteBuffer {
    /// An empty buffer whose first byte will lie on a page, with room for `capacity` bytes: what a store in a folder can
    /// write past the page cache.
    ///
    /// - Parameter buffer: empty; its memory is used if it is large enough and nobody else refers to it.
    package static func aligned(taking buffer: inout ByteBuffer, capacity: Int) -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &buffer)
        taken.clear()
        taken.reserveCapacity(capacity + DirectTransfer.alignment)
        let address = taken.withUnsafeMutableWritableBytes { UInt(bitPattern: $0.baseAddress) }
        let gap = Int((0 &- address) & UInt(DirectTransfer.alignment - 1))
        taken.moveWriterIndex(forwardBy: gap)
        taken.moveReaderIndex(forwardBy: gap)
        return taken
    }

    /// Whether the readable bytes lie on a page and are many.
    var isAlignedForDirectTransfer: Bool {
        guard readableBytes >= DirectTransfer.least else { return false }
        return withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) & UInt(DirectTransfer.alignment - 1) == 0 }
    }
}
