import CZstd

/// Decompresses zstd frames, never into more bytes than the caller allows.
///
/// Unchecked: it holds memory that one caller at a time may use. Its owner is whoever made it or took it from a pool.
package final class Decompressor: @unchecked Sendable {
    private let context: OpaquePointer

    /// The largest window that a stream may ask for, in bits: 128 MiB. Only streams without a declared length need one.
    private static let maximumWindowLog: Int32 = 27

    /// - Throws: `limitExceeded` if there is no memory.
    package init() throws(FormatError) {
        guard let context = ZSTD_createDCtx() else {
            throw FormatError(.limitExceeded, "no memory for decompressing")
        }
        self.context = context
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Decompressor.maximumWindowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decompresses `compressed` into exactly `output.count` bytes.
    /// - Throws: `malformed` if it is not zstd, `mismatch` if it gives fewer or more bytes.
    package func decompress(
        _ compressed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(FormatError) {
        let count = ZSTD_decompressDCtx(
            context, output.baseAddress, output.count, compressed.baseAddress, compressed.count)
        if ZSTD_isError(count) != 0 {
            let isTooLong = ZSTD_getErrorCode(count) == ZSTD_error_dstSize_tooSmall
            throw FormatError(
                isTooLong ? .mismatch : .malformed,
                "decompressing \(compressed.count) bytes into \(output.count): \(ZstdText.error(count))")
        }
        guard count == output.count else {
            throw FormatError(.mismatch, "\(compressed.count) compressed bytes hold \(count), not \(output.count)")
        }
    }

    /// Decompresses what has exactly `length` bytes, as a header or an index said.
    /// - Throws: as above.
    package func decompress(_ compressed: UnsafeRawBufferPointer, length: Int) throws(FormatError) -> [UInt8] {
        var failure: FormatError?
        let plain = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            do throws(FormatError) {
                try decompress(
                    compressed, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: length))
                count = length
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return plain
    }

    /// Decompresses what has an unknown length.
    /// - Throws: `malformed`; `limitExceeded` as soon as more than `limit` bytes would come out.
    package func decompress(_ compressed: UnsafeRawBufferPointer, limit: Int) throws(FormatError) -> [UInt8] {
        // zstd's two signs for "not in the frame" and "not a frame" are the largest numbers.
        let declared = ZSTD_getFrameContentSize(compressed.baseAddress, compressed.count)
        if declared <= UInt64(limit), let length = Int(exactly: declared), length <= compressed.count * 1000 {
            return try decompress(compressed, length: length)
        }
        guard declared > UInt64(Int64.max) || declared <= UInt64(limit) else {
            throw FormatError(
                .limitExceeded, "\(compressed.count) compressed bytes announce \(declared), over \(limit)")
        }
        return try stream(compressed, limit: limit)
    }

    package func decompress(_ compressed: [UInt8], length: Int) throws(FormatError) -> [UInt8] {
        try compressed.withRawBytes { bytes throws(FormatError) in try decompress(bytes, length: length) }
    }

    package func decompress(_ compressed: [UInt8], limit: Int) throws(FormatError) -> [UInt8] {
        try compressed.withRawBytes { bytes throws(FormatError) in try decompress(bytes, limit: limit) }
    }

    private func stream(_ compressed: UnsafeRawBufferPointer, limit: Int) throws(FormatError) -> [UInt8] {
        _ = ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var plain: [UInt8] = []
        var input = ZSTD_inBuffer(src: compressed.baseAddress, size: compressed.count, pos: 0)
        var piece = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        while true {
            let (status, count) = piece.withUnsafeMutableBytes { bytes in
                var output = ZSTD_outBuffer(dst: bytes.baseAddress, size: bytes.count, pos: 0)
                return (ZSTD_decompressStream(context, &output, &input), output.pos)
            }
            guard ZSTD_isError(status) == 0 else {
                throw FormatError(.malformed, "decompressing \(compressed.count) bytes: \(ZstdText.error(status))")
            }
            guard plain.count + count <= limit else {
                throw FormatError(.limitExceeded, "\(compressed.count) compressed bytes hold more than \(limit)")
            }
            plain += piece[..<count]
            // A status of zero: a frame is complete. Another one may follow.
            if status == 0, input.pos == input.size { return plain }
            guard count > 0 || input.pos < input.size else {
                throw FormatError(.malformed, "the \(compressed.count) compressed bytes end within a frame")
            }
        }
    }
}
