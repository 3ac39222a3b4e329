import Basics
import Synchronization
import Testing

@Suite struct BoundedTasksTests {
    private struct Failure: Error, Equatable { let number: Int }

    /// Counts how many operations are under way.
    private final class Meter: Sendable {
        private let counts = Mutex((running: 0, highest: 0, started: 0))

        func enter() {
            counts.withLock {
                $0.running += 1
                $0.started += 1
                $0.highest = max($0.highest, $0.running)
            }
        }

        func leave() { counts.withLock { $0.running -= 1 } }
        var highest: Int { counts.withLock { $0.highest } }
        var running: Int { counts.withLock { $0.running } }
        var started: Int { counts.withLock { $0.started } }
    }

    @Test(arguments: [1, 2, 7, 100]) func `never more than the limit at a time, and all in the end`(limit: Int)
        async throws
    {
        let meter = Meter()
        try await forEachConcurrently(0..<60, limit: limit) { _ in
            meter.enter()
            for _ in 0..<5 { await Task.yield() }
            meter.leave()
        }
        #expect(meter.highest <= limit && meter.started == 60)
        let results = try await mapConcurrently(0..<60, limit: limit) { number -> Int in
            meter.enter()
            for _ in 0..<number % 7 { await Task.yield() }
            meter.leave()
            return number * 2
        }
        #expect(results == (0..<60).map { $0 * 2 })
        #expect(meter.highest <= limit && meter.started == 120)
    }

    @Test func `the first error ends it, after the others have ended`() async throws {
        let meter = Meter()
        await #expect(throws: Failure(number: 5)) {
            try await forEachConcurrently(0..<1_000, limit: 3) { number in
                meter.enter()
                defer { meter.leave() }
                await Task.yield()
                if number == 5 { throw Failure(number: number) }
            }
        }
        #expect(meter.running == 0 && meter.started < 1_000)
        await #expect(throws: Failure(number: 2)) {
            try await mapConcurrently(0..<10, limit: 1) { number in
                if number == 2 { throw Failure(number: number) }
                return number
            }
        }
    }

    @Test func `cancellation reaches the operations and starts no more`() async throws {
        let meter = Meter()
        let task = Task {
            try await forEachConcurrently(0..<1_000, limit: 2) { _ in
                meter.enter()
                defer { meter.leave() }
                while !Task.isCancelled { await Task.yield() }
            }
        }
        while meter.started < 2 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(meter.started == 2 && meter.running == 0)
    }

    @Test func `nothing to do is done`() async throws {
        try await forEachConcurrently([Int](), limit: 1) { _ in Issue.record("nothing was asked for") }
        #expect(try await mapConcurrently([Int](), limit: 4) { $0 }.isEmpty)
    }
}
