import Basics
import MartletTestSupport
import Testing

@Suite struct BackoffTests {
    @Test(arguments: -1..<70) func `pauses double up to the ceiling, with jitter of half`(attempt: Int) {
        let backoff = Backoff(first: .milliseconds(100), ceiling: .seconds(20))
        var random = SeededGenerator(seed: UInt64(attempt + 1))
        let doubled = Duration.milliseconds(100) * (1 << min(max(attempt, 0), 20))
        let limit = min(doubled, .seconds(20))
        for _ in 0..<100 {
            let pause = backoff.pause(afterAttempt: attempt, using: &random)
            #expect(pause >= limit / 2 && pause <= limit, "\(pause)")
        }
    }

    @Test func `nothing to wait for is no trap`() {
        var random = SeededGenerator(seed: 1)
        #expect(Backoff(first: .zero, ceiling: .zero).pause(afterAttempt: 3, using: &random) <= .nanoseconds(1))
    }

    @Test func `the same seed waits the same`() {
        func pauses() -> [Duration] {
            var random = SeededGenerator(seed: 7)
            return (0..<10).map { Backoff().pause(afterAttempt: $0, using: &random) }
        }
        #expect(pauses() == pauses())
    }
}
