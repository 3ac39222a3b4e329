import ResticFormat

/// A zstd context and the room for what it makes. For one task at a time.
///
/// Unchecked: it belongs to whoever took it from the pool.
final class BlobCompressor: @unchecked Sendable {
    private let compressor: Compressor
    private var output: UnsafeMutableRawBufferPointer
    private let mode: CompressionMode

    init(_ mode: CompressionMode) throws(FormatError) {
        self.mode = mode
        compressor = try Compressor(mode)
        output = .allocate(byteCount: 0, alignment: 16)
    }

    deinit { output.deallocate() }

    /// The compressed form of `plain`, valid until the next call; nil if it is better stored as it is.
    ///
    /// Trees are always compressed, as restic does. Data is stored as it is where compression would gain nothing, which
    /// readers accept: for large blobs a few samples tell.
    func compress(_ kind: BlobKind, _ plain: UnsafeRawBufferPointer) throws(FormatError) -> UnsafeRawBufferPointer? {
        if plain.isEmpty { return nil }
        if kind == .data {
            if mode == .off { return nil }
            if plain.count >= BlobCompressor.probedLength, try looksIncompressible(plain) { return nil }
        }
        let compressed = try squeeze(plain)
        return kind == .data && compressed.count >= plain.count ? nil : compressed
    }

    /// From this length on, looking at samples is cheaper than compressing in vain.
    private static let probedLength = 64 << 10
    private static let sampleLength = 4 << 10
    private static let sampleCount = 5

    /// Whether none of five samples, evenly spread, shrinks by two hundredths.
    private func looksIncompressible(_ plain: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        let step = (plain.count - BlobCompressor.sampleLength) / (BlobCompressor.sampleCount - 1)
        for sample in 0..<BlobCompressor.sampleCount {
            let start = sample * step
            let piece = UnsafeRawBufferPointer(rebasing: plain[start..<start + BlobCompressor.sampleLength])
            if try squeeze(piece).count < BlobCompressor.sampleLength * 98 / 100 { return false }
        }
        return true
    }

    private func squeeze(_ plain: UnsafeRawBufferPointer) throws(FormatError) -> UnsafeRawBufferPointer {
        let bound = Compressor.bound(plain.count)
        if output.count < bound {
            output.deallocate()
            output = .allocate(byteCount: bound, alignment: 16)
        }
        let count = try compressor.compress(plain, into: output)
        return UnsafeRawBufferPointer(rebasing: output[..<count])
    }
}
