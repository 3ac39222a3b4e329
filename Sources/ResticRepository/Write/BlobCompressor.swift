import ResticFormat

/// A zstd context and the room for what it makes. For one task at a time.
///
/// Unchecked: it belongs to whoever took it from the pool.
final class BlobCompressor: @unchecked Sendable {
    private let compressor: Compressor
    /// For small pieces of data in the mode `auto`.
    private let fastCompressor: Compressor?
    private var output: UnsafeMutableRawBufferPointer
    private let mode: CompressionMode

    init(_ mode: CompressionMode) throws(FormatError) {
        self.mode = mode
        compressor = try Compressor(mode)
        fastCompressor = try mode == .auto ? Compressor(.fastest) : nil
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
        let isSmall = kind == .data && plain.count < BlobCompressor.smallLength
        let compressed = try squeeze(plain, isSmall ? fastCompressor ?? compressor : compressor)
        return kind == .data && compressed.count >= plain.count ? nil : compressed
    }

    /// Below this length zstd spends most of its time on preparing tables. Level 1 is two to three times as fast there as
    /// level 3, and what it makes is two hundredths larger at most (headers, documentation, source code); made-up text
    /// even gets smaller.
    private static let smallLength = 32 << 10

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
            if try squeeze(piece, compressor).count < BlobCompressor.sampleLength * 98 / 100 { return false }
        }
        return true
    }

    private func squeeze(
        _ plain: UnsafeRawBufferPointer, _ compressor: Compressor
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        let bound = Compressor.bound(plain.count)
        if output.count < bound {
            output.deallocate()
            output = .allocate(byteCount: bound, alignment: 16)
        }
        let count = try compressor.compress(plain, into: output)
        return UnsafeRawBufferPointer(rebasing: output[..<count])
    }
}
