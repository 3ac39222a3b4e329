import CRestic

/// Finds where files are cut, by a Rabin fingerprint of the last 64 bytes: equal content is cut alike wherever it stands.
///
/// A cut is decided by the 64 bytes before it, so candidates can be found in any order and in parallel; which of them count
/// follows from the lengths (`ChunkCuts`). The tables (about 10 KB) are shared by all copies.
package struct Chunker: Sendable {
    package let polynomial: Polynomial
    private let tables: ChunkerTables

    package static let minimum = 512 << 10
    package static let maximum = 8 << 20
    /// Bytes that decide about a cut.
    package static let window = Int(CRESTIC_CHUNKER_WINDOW)
    /// A cut is where these bits of the fingerprint are zero: once in a MiB.
    package static let mask: UInt64 = 1 << 20 - 1

    /// - Throws: `unsupported` unless the polynomial has degree 53.
    package init(_ polynomial: Polynomial) throws(FormatError) {
        guard polynomial.degree == Polynomial.repositoryDegree else {
            throw FormatError(.unsupported, "the polynomial has degree \(polynomial.degree), not 53")
        }
        self.polynomial = polynomial
        tables = ChunkerTables(polynomial)
    }

    /// The length of the first chunk of `bytes`, which begins where a chunk begins: `minimum...maximum`, or `bytes.count` if
    /// there is no cut within. If `bytes` is shorter than `maximum` and not the end of the file, and the answer is
    /// `bytes.count`, ask again with more.
    /// - Parameter searched: so many bytes were looked at before, and hold no cut: a growing piece is searched once.
    package func cut(_ bytes: UnsafeRawBufferPointer, from searched: Int = 0) -> Int {
        crestic_chunker_cut(
            tables.pointer, SHA256Kernel.pointer(bytes), bytes.count, max(Chunker.minimum, searched + 1),
            Chunker.maximum, Chunker.mask)
    }

    /// The positions in `bytes`, from `start` on, after which a cut may come: ascending, `bytes.count` included. To look at
    /// one file in parallel, give each piece the 64 bytes before it too, and begin at 65.
    /// - Parameters:
    ///   - start: counts as 64 if it is less: a position before that has no window.
    ///   - mask: other than the format's only in tests.
    package func candidates(
        in bytes: UnsafeRawBufferPointer, from start: Int = window, mask: UInt64 = mask
    ) -> [Int] {
        var found: [Int] = []
        var next = start
        let base = SHA256Kernel.pointer(bytes)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: Chunker.batch) { batch in
            while next <= bytes.count {
                let count = crestic_chunker_candidates(
                    tables.pointer, base, bytes.count, next, mask, batch.baseAddress!, Chunker.batch)
                found += batch[..<count]
                guard count == Chunker.batch, let last = found.last else { return }
                next = last + 1
            }
        }
        return found
    }

    /// The fingerprint of the last 64 bytes of `bytes`; nil if there are fewer.
    package func fingerprint(endOf bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count >= Chunker.window else { return nil }
        let window = UnsafeRawBufferPointer(rebasing: bytes.suffix(Chunker.window))
        return crestic_chunker_fingerprint(tables.pointer, SHA256Kernel.pointer(window))
    }

    /// Candidates that the kernel gives at once.
    private static let batch = 128
}

/// Unchecked because of the pointer: the tables are never changed between `init` and `deinit`.
private final class ChunkerTables: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<crestic_chunker>

    init(_ polynomial: Polynomial) {
        pointer = .allocate(capacity: 1)
        crestic_chunker_init(pointer, polynomial.bits)
    }

    deinit { pointer.deallocate() }
}
