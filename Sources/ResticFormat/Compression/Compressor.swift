/// Compresses with zstd: one frame for each input, without checksum or dictionary.
///
/// Unchecked: it holds memory that one caller at a time may use. Its owner is whoever made it or took it from a pool.
package final class Compressor: @unchecked Sendable {
    /// - Throws: `limitExceeded` if there is no memory.
    package init(_ mode: CompressionMode) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    /// The most bytes that `count` bytes can become.
    package static func bound(_ count: Int) -> Int { count }

    /// - Parameter output: at least `bound(plain.count)` bytes.
    /// - Returns: how many were written.
    package func compress(_ plain: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        throw FormatError(.unsupported, "not yet")
    }

    package func compress(_ plain: [UInt8]) throws(FormatError) -> [UInt8] {
        throw FormatError(.unsupported, "not yet")
    }
}

/// Decompresses zstd frames, never into more bytes than the caller allows.
///
/// Unchecked: it holds memory that one caller at a time may use. Its owner is whoever made it or took it from a pool.
package final class Decompressor: @unchecked Sendable {
    /// - Throws: `limitExceeded` if there is no memory.
    package init() throws(FormatError) {}

    /// Decompresses one frame that gives exactly `output.count` bytes.
    /// - Throws: `malformed` if it is no such frame, `mismatch` if it gives fewer or more bytes.
    package func decompress(_ compressed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    /// Decompresses one frame whose length is known from elsewhere.
    package func decompress(_ compressed: UnsafeRawBufferPointer, length: Int) throws(FormatError) -> [UInt8] {
        throw FormatError(.unsupported, "not yet")
    }

    /// Decompresses one frame of unknown length.
    /// - Throws: `limitExceeded` as soon as more than `limit` bytes would come out.
    package func decompress(_ compressed: UnsafeRawBufferPointer, limit: Int) throws(FormatError) -> [UInt8] {
        throw FormatError(.unsupported, "not yet")
    }
}
