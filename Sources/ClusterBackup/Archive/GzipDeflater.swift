internal import CIsal
package import NIOCore

/// Packs bytes as one gzip member (RFC 1952). Memory: about 400 KiB, whatever the length.
///
/// igzip, because the two copies of each object, right behind each other, make compression half of a backup's work:
/// docs/performance.md has the comparison with zlib.
final class GzipDeflater {
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let workspace: UnsafeMutableRawPointer
    private static let workspaceSize = 512 << 10

    init() {
        stream = .allocate(capacity: 1)
        workspace = .allocate(byteCount: GzipDeflater.workspaceSize, alignment: 64)
        isal_deflate_init(stream)
        stream.pointee.level = 2
        stream.pointee.level_buf = workspace.assumingMemoryBound(to: UInt8.self)
        stream.pointee.level_buf_size = UInt32(GzipDeflater.workspaceSize)
        stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        stream.pointee.flush = UInt16(NO_FLUSH)
        stream.pointee.end_of_stream = 0
    }

    deinit {
        stream.deallocate()
        workspace.deallocate()
    }

    /// Packs `input`; what comes out so far is appended to `output`.
    func append(_ input: UnsafeRawBufferPointer, to output: inout ByteBuffer) {
        guard !input.isEmpty else { return }
        run(input, isLast: false, to: &output)
    }

    func append(_ input: [UInt8], to output: inout ByteBuffer) {
        input.withUnsafeBytes { append($0, to: &output) }
    }

    /// Ends the member. Nothing may be appended afterwards.
    func finish(to output: inout ByteBuffer) {
        run(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, to: &output)
    }

    private func run(_ input: UnsafeRawBufferPointer, isLast: Bool, to output: inout ByteBuffer) {
        precondition(input.count <= Int(Int32.max), "one call packs at most 2 GiB")
        // igzip does not write through next_in.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.end_of_stream = isLast ? 1 : 0
        var hasRoomLeft = false
        while !hasRoomLeft || stream.pointee.avail_in > 0 {
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: 32 << 10) { room in
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(min(room.count, Int(Int32.max)))
                let before = stream.pointee.avail_out
                let code = isal_deflate(stream)
                precondition(code == COMP_OK, "igzip code \(code)")  // Only for a workspace that is too small.
                hasRoomLeft = stream.pointee.avail_out > 0
                return Int(before - stream.pointee.avail_out)
            }
        }
    }
}

/// Packs a whole document.
package enum Gzip {
    package static func compress(_ bytes: [UInt8]) -> ByteBuffer {
        var output = ByteBuffer()
        let deflater = GzipDeflater()
        deflater.append(bytes, to: &output)
        deflater.finish(to: &output)
        return output
    }

    /// Unpacks a whole document.
    ///
    /// - Throws: `.damaged`; `.tooLarge` if it has more than `limit` bytes.
    package static func decompress(_ bytes: ByteBuffer, limit: Int) throws(ClusterBackupError) -> [UInt8] {
        var output: [UInt8] = []
        let inflater = GzipInflater()
        func add(_ part: UnsafeRawBufferPointer) throws(ClusterBackupError) {
            guard output.count + part.count <= limit else {
                throw ClusterBackupError(.tooLarge, "more than \(limit) bytes unpacked")
            }
            output.append(contentsOf: part)
        }
        var problem: ClusterBackupError?
        bytes.withUnsafeReadableBytes { input in
            do throws(ClusterBackupError) {
                try inflater.consume(input, sink: add)
                try inflater.finish()
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        return output
    }
}
