import Basics
import ControllerRuntime
import MartletTestSupport
import Synchronization
import Testing

@Suite struct WorkLoopTests {
    /// Counts calls and lets a test wait for one.
    private final class Record: Sendable {
        private struct State {
            var calls: [Int] = []
            var running = 0
            var mostRunning = 0
        }
        private let state = Mutex(State())
        let changes: AsyncStream<Int>
        private let sink: AsyncStream<Int>.Continuation

        init() { (changes, sink) = AsyncStream.makeStream(of: Int.self) }

        var calls: [Int] { state.withLock { $0.calls } }
        var mostRunning: Int { state.withLock { $0.mostRunning } }

        func begin(_ key: Int) {
            state.withLock { state in
                state.calls.append(key)
                state.running += 1
                state.mostRunning = max(state.mostRunning, state.running)
            }
        }

        func end() {
            let count = state.withLock { state in
                state.running -= 1
                return state.calls.count
            }
            sink.yield(count)
        }

        /// Returns when so many calls have ended.
        func wait(for count: Int) async {
            var ended = 0
            for await _ in changes {
                ended += 1
                if ended == count { return }
            }
        }
    }

    private func running(
        _ loop: WorkLoop<Int>, workers: Int, _ work: @escaping @Sendable (Int) async -> WorkQueue<Int>.Outcome,
        _ body: () async -> Void
    ) async {
        let task = Task { await loop.run(workers: workers, work) }
        await body()
        task.cancel()
        await task.value
    }

    @Test func `every key is worked on, never more at a time than there are workers`() async {
        let loop = WorkLoop<Int>(clock: SkippingClock())
        let record = Record()
        loop.add(0..<50)
        await running(loop, workers: 3) { key in
            record.begin(key)
            await Task.yield()
            record.end()
            return .done
        } _: {
            await record.wait(for: 50)
        }
        #expect(record.calls.sorted() == Array(0..<50))
        #expect(record.mostRunning <= 3)
        #expect(loop.running == 0)
    }

    @Test func `what fails is tried again, and what asks for it is looked at again later`() async {
        let loop = WorkLoop<Int>(clock: SkippingClock())
        let record = Record()
        loop.add([1, 2])
        await running(loop, workers: 2) { key in
            record.begin(key)
            let times = record.calls.count { $0 == key }
            record.end()
            if key == 1 { return times < 3 ? .failed : .done }
            return times < 2 ? .again(after: .seconds(3600)) : .done
        } _: {
            await record.wait(for: 5)
        }
        #expect(record.calls.count { $0 == 1 } == 3)
        #expect(record.calls.count { $0 == 2 } == 2)
    }

    @Test func `the end cancels the workers and waits for them`() async {
        let loop = WorkLoop<Int>(clock: ContinuousClock())
        let (began, sink) = AsyncStream.makeStream(of: Void.self)
        let ended = Mutex(false)
        loop.add([1])
        let task = Task {
            await loop.run(workers: 1) { _ in
                sink.yield()
                // Ends by cancellation alone.
                try? await Task.sleep(for: .seconds(1_000_000))
                ended.withLock { $0 = true }
                return .done
            }
        }
        for await _ in began { break }
        task.cancel()
        await task.value
        #expect(ended.withLock { $0 })
    }
}
