import CZstd

/// Compresses with zstd: one frame for each input, without checksum or dictionary.
///
/// Unchecked: it holds memory that one caller at a time may use. Its owner is whoever made it or took it from a pool.
package final class Compressor: @unchecked Sendable {
    private let context: OpaquePointer
    package let mode: CompressionMode

    /// - Throws: `limitExceeded` if there is no memory.
    package init(_ mode: CompressionMode = .auto) throws(FormatError) {
        guard let context = ZSTD_createCCtx() else {
            throw FormatError(.limitExceeded, "no memory for compressing")
        }
        self.context = context
        self.mode = mode
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The most bytes that `count` bytes can become.
    package static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// - Parameter output: `bound(plain.count)` bytes are always enough.
    /// - Returns: how many were written.
    /// - Throws: `limitExceeded` if `output` is too small, or there is no memory.
    package func compress(
        _ plain: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(FormatError) -> Int {
        let count = ZSTD_compressCCtx(
            context, output.baseAddress, output.count, plain.baseAddress, plain.count, mode.level)
        guard ZSTD_isError(count) == 0 else {
            throw FormatError(.limitExceeded, "compressing \(plain.count) bytes: \(ZstdText.error(count))")
        }
        return count
    }

    package func compress(_ plain: UnsafeRawBufferPointer) throws(FormatError) -> [UInt8] {
        let bound = Compressor.bound(plain.count)
        var failure: FormatError?
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            do throws(FormatError) {
                count = try compress(
                    plain, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: bound))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return compressed
    }

    package func compress(_ plain: [UInt8]) throws(FormatError) -> [UInt8] {
        try plain.withRawBytes { bytes throws(FormatError) in try compress(bytes) }
    }
}

enum ZstdText {
    static func error(_ code: Int) -> String {
        guard let name = ZSTD_getErrorName(code) else { return "unknown error" }
        return String(cString: name)
    }
}
