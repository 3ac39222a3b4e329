/// A stream that is pulled, chunk by chunk: nothing is read before somebody asks, nothing is kept after it was handed
/// out. Chunks are buffers, never single bytes.
///
/// A stream over a connection can be iterated once; one over memory as often as wanted. Dropping the iterator gives up
/// the rest and frees what is behind it.
package struct ChunkStream<Chunk: Sendable>: AsyncSequence, Sendable {
    package typealias Element = Chunk

    private let makeIterator: @Sendable () -> AsyncIterator

    package init<Source: AsyncSequence & Sendable>(_ source: Source) where Source.Element == Chunk {
        makeIterator = {
            var iterator = source.makeAsyncIterator()
            return AsyncIterator { try await iterator.next(isolation: nil) }
        }
    }

    /// The chunks in order; can be iterated again.
    package init(_ chunks: [Chunk]) {
        makeIterator = {
            var rest = chunks[...]
            return AsyncIterator { rest.popFirst() }
        }
    }

    /// Calls `next` for each chunk until it returns nil. `makeNext` is called once for each iteration of the stream.
    package init(makeNext: @escaping @Sendable () -> (() async throws -> Chunk?)) {
        makeIterator = { AsyncIterator(nextChunk: makeNext()) }
    }

    package func makeAsyncIterator() -> AsyncIterator { makeIterator() }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let nextChunk: () async throws -> Chunk?

        package mutating func next() async throws -> Chunk? { try await nextChunk() }
    }
}
