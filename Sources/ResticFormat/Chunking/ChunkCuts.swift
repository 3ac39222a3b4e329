/// Chooses the cuts of a file from the candidates, which come in ascending order.
package struct ChunkCuts: Sendable {
    /// Where the present chunk begins.
    package private(set) var start: Int

    package init(start: Int = 0) { self.start = start }

    /// Takes the next candidate, and gives the ends of the chunks that it decides: several if the maximum comes before it.
    package mutating func candidate(_ position: Int, _ end: (Int) -> Void) {
        endFullChunks(before: position, end)
        if position - start >= Chunker.minimum {
            start = position
            end(position)
        }
    }

    /// The file ends at `length`: gives the ends of the last chunks. Nothing for an empty file.
    package mutating func finish(at length: Int, _ end: (Int) -> Void) {
        endFullChunks(before: length, end)
        if length > start {
            start = length
            end(length)
        }
    }

    private mutating func endFullChunks(before position: Int, _ end: (Int) -> Void) {
        while position - start > Chunker.maximum {
            start += Chunker.maximum
            end(start)
        }
    }
}
