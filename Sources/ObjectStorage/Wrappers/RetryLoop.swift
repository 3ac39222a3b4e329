import Basics
import Synchronization

/// Tries again what failed for a temporary reason; the loop behind `RetryingStore`.
final class RetryLoop: Sendable {
    let policy: StoreRetryPolicy
    private let clock: any Clock<Duration>
    private let random: Mutex<any RandomNumberGenerator & Sendable>

    init(policy: StoreRetryPolicy, clock: any Clock<Duration>, random: any RandomNumberGenerator & Sendable) {
        self.policy = policy
        self.clock = clock
        self.random = Mutex(random)
    }

    /// Runs `body` until it succeeds, fails for good, or tries or time are used up. The store's wish for a pause is obeyed
    /// when it is longer than our own; one beyond the deadline ends the tries at once.
    ///
    /// - Throws: the last error, which says how often it was tried; `.cancelled` if the task is cancelled in a pause.
    func run<Result>(_ body: () async throws(StoreError) -> Result) async throws(StoreError) -> Result {
        let stopwatch = Stopwatch(clock)
        var attempt = 0
        while true {
            do throws(StoreError) {
                return try await body()
            } catch {
                guard error.isTemporary else { throw error }
                let pause = max(self.pause(afterAttempt: attempt), error.retryAfter ?? .zero)
                attempt += 1
                guard attempt < policy.tries, stopwatch.elapsed + pause <= policy.deadline else {
                    throw gaveUp(error, tries: attempt)
                }
                try await sleep(pause)
            }
        }
    }

    private func pause(afterAttempt attempt: Int) -> Duration {
        random.withLock { random in
            var generator: any RandomNumberGenerator & Sendable = random
            defer { random = generator }
            return policy.backoff.pause(afterAttempt: attempt, using: &generator)
        }
    }

    private func sleep(_ pause: Duration) async throws(StoreError) {
        do {
            try await clock.sleep(for: pause)
        } catch {
            throw StoreError(error, while: "waiting to try again")
        }
    }

    private func gaveUp(_ error: StoreError, tries: Int) -> StoreError {
        guard tries > 1 else { return error }
        return StoreError(
            error.code, "\(error.message) (tried \(tries) times)", cause: error.cause, retryAfter: error.retryAfter)
    }
}
