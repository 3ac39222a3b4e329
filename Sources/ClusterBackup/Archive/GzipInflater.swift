internal import CZlib

/// Unpacks gzip (RFC 1952), one or several members, from chunks of any size. Memory: one output buffer.
///
/// zlib reads here, although igzip writes: these bytes may come from an enemy, and zlib has seen the most of them.
final class GzipInflater {
    /// zlib keeps pointers to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    private var isInsideMember = false
    private(set) var consumedBytes: Int64 = 0
    private(set) var producedBytes: Int64 = 0

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: 128 << 10, alignment: 16)
        // 15 bits of window, +16: a gzip header and trailer, checked by zlib.
        let code = inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib refused to start: \(code)")  // Only without memory, or another zlib.
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Unpacks `input` and hands the bytes to `sink`, which must not keep the buffer.
    ///
    /// - Throws: `.damaged` with the offset in the packed bytes, or what `sink` throws.
    func consume(
        _ input: UnsafeRawBufferPointer,
        sink: (UnsafeRawBufferPointer) throws(ClusterBackupError) -> Void
    ) throws(ClusterBackupError) {
        guard let base = input.baseAddress else { return }
        var position = 0
        while position < input.count {
            if !isInsideMember {
                guard inflateReset(stream) == Z_OK else { throw damage("cannot start a member") }
                isInsideMember = true
            }
            let part = min(input.count - position, Int(Int32.max))
            // zlib does not write through next_in.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: base.advanced(by: position).assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(part)
            repeat {
                let code = try step(sink)
                if code == Z_STREAM_END {
                    isInsideMember = false
                    break
                }
            } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
            let used = part - Int(stream.pointee.avail_in)
            position += used
            consumedBytes += Int64(used)
        }
    }

    private func step(
        _ sink: (UnsafeRawBufferPointer) throws(ClusterBackupError) -> Void
    ) throws(ClusterBackupError) -> Int32 {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = inflate(stream, Z_NO_FLUSH)
        // Without room or input zlib says Z_BUF_ERROR, which is no error: the next chunk brings more.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
            throw damage(stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)")
        }
        let count = output.count - Int(stream.pointee.avail_out)
        producedBytes += Int64(count)
        if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<count])) }
        return code
    }

    private func damage(_ what: String) -> ClusterBackupError {
        ClusterBackupError(.damaged, "gzip data broken after byte \(consumedBytes): \(what)")
    }

    /// - Throws: `.damaged` if the last member has not ended, or if there was none.
    func finish() throws(ClusterBackupError) {
        guard !isInsideMember, consumedBytes > 0 else {
            throw ClusterBackupError(.damaged, "gzip data ends early, after byte \(consumedBytes)")
        }
    }
}
