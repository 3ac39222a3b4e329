import Basics
import ControllerRuntime
import MartletTestSupport
import Testing

@Suite struct WorkQueueTests {
    private var random = SeededGenerator(seed: 5)

    private func taken(_ queue: inout WorkQueue<String>, at now: Duration = .zero) -> String? {
        guard case .work(let key) = queue.next(now: now) else { return nil }
        return key
    }

    @Test func `keys are worked on in the order in which they came, once`() {
        var queue = WorkQueue<String>()
        for key in ["a", "b", "a", "c", "b"] { queue.add(key) }
        #expect(queue.depth == 3)
        #expect((0..<3).map { _ in taken(&queue) } == ["a", "b", "c"])
        #expect(queue.next(now: .zero) == .idle)
    }

    @Test mutating func `a key that is added while it is worked on comes again, and not before`() {
        var queue = WorkQueue<String>()
        queue.add("a")
        #expect(taken(&queue) == "a")
        queue.add("a")
        queue.add("a")
        #expect(queue.next(now: .zero) == .idle)
        queue.finished("a", .done, now: .zero, using: &random)
        #expect(taken(&queue) == "a")
        queue.finished("a", .done, now: .zero, using: &random)
        #expect(queue.next(now: .zero) == .idle)
    }

    @Test mutating func `failures are tried again later and later, successes begin anew`() {
        var queue = WorkQueue<String>(backoff: Backoff(first: .seconds(1), ceiling: .seconds(60)))
        queue.add("a")
        var now = Duration.zero
        var pauses: [Duration] = []
        for attempt in 0..<10 {
            #expect(taken(&queue, at: now) == "a")
            queue.finished("a", .failed, now: now, using: &random)
            #expect(queue.failures(of: "a") == attempt + 1)
            guard case .wait(let moment) = queue.next(now: now) else {
                Issue.record("nothing to wait for")
                return
            }
            pauses.append(moment - now)
            now = moment
        }
        #expect(pauses[0] <= .seconds(1) && pauses[9] >= .seconds(30) && pauses.allSatisfy { $0 <= .seconds(60) })
        #expect(taken(&queue, at: now) == "a")
        queue.finished("a", .done, now: now, using: &random)
        #expect(queue.failures(of: "a") == 0)
    }

    @Test mutating func `news are worth a look at once, also after a failure`() {
        var queue = WorkQueue<String>()
        queue.add("a")
        #expect(taken(&queue) == "a")
        queue.finished("a", .failed, now: .zero, using: &random)
        queue.add("a")
        #expect(taken(&queue) == "a")
        #expect(queue.failures(of: "a") == 1, "how often it failed is not forgotten")
        queue.finished("a", .again(after: .seconds(60)), now: .zero, using: &random)
        #expect(queue.next(now: .seconds(1)) == .wait(until: .seconds(60)))
        queue.add("a", at: .seconds(90))
        #expect(queue.next(now: .seconds(1)) == .wait(until: .seconds(60)), "the earlier moment stays")
        #expect(taken(&queue, at: .seconds(60)) == "a")
    }

    /// A model: any number of workers, any order of events.
    @Test(arguments: 0..<100) func `no key is worked on twice at a time, and none is forgotten`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = WorkQueue<Int>(backoff: Backoff(first: .seconds(1), ceiling: .seconds(8)))
        var now = Duration.zero
        var working: Set<Int> = []
        var owed: Set<Int> = []
        func step(_ queue: inout WorkQueue<Int>) -> Bool {
            switch queue.next(now: now) {
            case .work(let key):
                #expect(working.insert(key).inserted, "key \(key) twice at a time")
                owed.remove(key)
                return true
            case .wait(let moment):
                #expect(moment > now)
                now = moment
                return true
            case .idle: return false
            }
        }
        for _ in 0..<400 {
            switch random.next() % 4 {
            case 0:
                let key = Int(random.next() % 12)
                queue.add(key)
                owed.insert(key)
            case 1:
                if let key = working.sorted().first {
                    working.remove(key)
                    let outcome: WorkQueue<Int>.Outcome = random.next() % 3 == 0 ? .failed : .done
                    if outcome == .failed { owed.insert(key) }
                    queue.finished(key, outcome, now: now, using: &random)
                }
            default: _ = step(&queue)
            }
        }
        while true {  // Ends when nobody works and nothing is left.
            if step(&queue) { continue }
            guard let key = working.popFirst() else { break }
            queue.finished(key, .done, now: now, using: &random)
        }
        #expect(owed.isEmpty)
        #expect(queue.depth == 0)
    }
}
