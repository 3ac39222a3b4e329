internal import CZlib
import NIOCore

/// Deflates one file, and sums it up. Used by one task at a time.
final class ZipDeflater {
    /// zlib keeps pointers to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var plain: UInt64 = 0
    private var runningSum: UInt = 0

    var sum: UInt32 { UInt32(truncatingIfNeeded: runningSum) }

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Raw deflate, without zlib's own frame. Fails only without memory, which ends the process anyway.
        let code = deflateInit2_(
            stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot begin: \(code)")
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    static func sum(of bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) })
    }

    func append(_ bytes: ByteBuffer) -> ByteBuffer {
        plain += UInt64(bytes.readableBytes)
        return Array(buffer: bytes).withUnsafeBufferPointer { input in
            runningSum = UInt(crc32(UInt(runningSum), input.baseAddress, UInt32(input.count)))
            return deflate(UnsafeMutablePointer(mutating: input.baseAddress), input.count, Z_NO_FLUSH)
        }
    }

    func finish() -> ByteBuffer { deflate(nil, 0, Z_FINISH) }

    private func deflate(_ input: UnsafeMutablePointer<UInt8>?, _ count: Int, _ flush: Int32) -> ByteBuffer {
        var output = ByteBuffer()
        stream.pointee.next_in = input
        stream.pointee.avail_in = UInt32(count)
        repeat {
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 << 10) { room in
                stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(room.count)
                // Neither flush can fail with room to write.
                _ = CZlib.deflate(stream, flush)
                return room.count - Int(stream.pointee.avail_out)
            }
        } while stream.pointee.avail_out == 0
        return output
    }
}
