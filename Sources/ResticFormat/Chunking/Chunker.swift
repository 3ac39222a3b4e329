/// Finds where files are cut, by a Rabin fingerprint of the last 64 bytes: equal content is cut alike wherever it stands.
///
/// A cut is decided by the 64 bytes before it, so candidates can be found in any order and in parallel; which of them count
/// follows from the lengths (`ChunkCuts`). Immutable after `init`; the tables are shared.
package struct Chunker: Sendable {
    package let polynomial: Polynomial

    package static let minimum = 512 << 10
    package static let maximum = 8 << 20
    package static let window = 64
    /// A cut is where these bits of the fingerprint are zero: once in a MiB.
    package static let mask: UInt64 = 1 << 20 - 1

    package init(_ polynomial: Polynomial) { self.polynomial = polynomial }

    /// The length of the first chunk of `bytes`, which begins where a chunk begins: `minimum...maximum`, or `bytes.count` if
    /// there is no cut within. If `bytes` is shorter than `maximum` and not the end of the file, and the answer is
    /// `bytes.count`, ask again with more.
    package func cut(_ bytes: UnsafeRawBufferPointer) -> Int { min(bytes.count, Chunker.minimum) }

    /// The positions in `bytes`, from `start` on, after which a cut may come: ascending, `bytes.count` included.
    /// - Parameter start: at least 64; a position before that has no window.
    package func candidates(in bytes: UnsafeRawBufferPointer, from start: Int = window) -> [Int] { [] }
}

/// Chooses the cuts of a file from the candidates, which come in ascending order.
package struct ChunkCuts: Sendable {
    /// Where the present chunk begins.
    package private(set) var start: Int

    package init(start: Int = 0) { self.start = start }

    /// Takes the next candidate, and gives the ends of the chunks that it decides: several if the maximum comes before it.
    package mutating func candidate(_ position: Int, _ end: (Int) -> Void) {
        while position - start > Chunker.maximum {
            start += Chunker.maximum
            end(start)
        }
        if position - start >= Chunker.minimum {
            start = position
            end(position)
        }
    }

    /// The file ends at `length`: gives the ends of the last chunks. Nothing for an empty file.
    package mutating func finish(at length: Int, _ end: (Int) -> Void) {
        while length - start > Chunker.maximum {
            start += Chunker.maximum
            end(start)
        }
        if length > start {
            start = length
            end(length)
        }
    }
}
