package import Basics

/// How long and how often one call is tried.
package struct RetryPolicy: Sendable, Hashable {
    /// From the first try to the start of the last.
    package var deadline: Duration
    /// Tries in all, the first included.
    package var attempts: Int
    /// Between tries, when the server names no time.
    package var backoff: Backoff

    /// A server that restarts is away for some ten seconds; one that is gone should be reported within the minute.
    package init(deadline: Duration = .seconds(45), attempts: Int = 10, backoff: Backoff = Backoff()) {
        self.deadline = deadline
        self.attempts = attempts
        self.backoff = backoff
    }

    package static let never = RetryPolicy(deadline: .zero, attempts: 1)
}

/// Decides whether and when a failed request is sent again. Pure: time and randomness are handed in.
struct RetryDecision {
    let policy: RetryPolicy
    private(set) var attempt = 0

    init(policy: RetryPolicy) { self.policy = policy }

    /// The pause before the next try, or nil to give up.
    mutating func pause(
        after failure: APIError, repeatability: APIRequest.Repeatability, elapsed: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Duration? {
        defer { attempt += 1 }
        guard attempt + 1 < policy.attempts, mayHelp(failure, repeatability) else { return nil }
        var pause = policy.backoff.pause(afterAttempt: attempt, using: &random)
        // The server knows best; a little is added, so that all who were turned away do not return in step.
        if let asked = failure.retryAfter { pause = asked + min(pause, asked / 4) }
        return elapsed + pause <= policy.deadline ? pause : nil
    }

    private func mayHelp(_ failure: APIError, _ repeatability: APIRequest.Repeatability) -> Bool {
        switch failure.code {
        case .throttled: return true
        case .server:
            // With a Retry-After the server says that the request was turned away; so does 503.
            return failure.retryAfter != nil || failure.status?.code == 503 || repeatability == .always
        case .unreachable: return failure.wasNotSent || repeatability == .always
        case .timeout: return repeatability == .always
        default: return false
        }
    }
}
