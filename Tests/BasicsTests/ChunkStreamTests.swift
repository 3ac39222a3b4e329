import Basics
import Testing

@Suite struct ChunkStreamTests {
    private struct Failure: Error {}

    @Test func `chunks in memory can be read again`() async throws {
        let stream = ChunkStream([1, 2, 3])
        for _ in 0..<2 {
            var chunks: [Int] = []
            for try await chunk in stream { chunks.append(chunk) }
            #expect(chunks == [1, 2, 3])
        }
    }

    @Test func `nothing is made before it is asked for`() async throws {
        let stream = ChunkStream<Int> {
            var next = 0
            return {
                next += 1
                if next == 3 { throw Failure() }
                return next
            }
        }
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == 1)
        #expect(try await iterator.next() == 2)
        await #expect(throws: Failure.self) { try await iterator.next() }
    }

    @Test func `any sequence can be a stream`() async throws {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        continuation.yield(4)
        continuation.finish()
        var iterator = ChunkStream(source).makeAsyncIterator()
        #expect(try await iterator.next() == 4)
        #expect(try await iterator.next() == nil)
    }
}
