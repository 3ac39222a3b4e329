/// How long to wait before the next try: doubling from `first` to at most `ceiling`, with full jitter, so that many
/// clients that failed together do not come back together. Source: AWS Architecture Blog, "Exponential Backoff And
/// Jitter".
package struct Backoff: Sendable, Hashable {
    package var first: Duration
    package var ceiling: Duration

    package init(first: Duration = .milliseconds(100), ceiling: Duration = .seconds(20)) {
        self.first = first
        self.ceiling = ceiling
    }

    /// The pause before try number `attempt + 1`, where the first try is number 0.
    package func pause(afterAttempt attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let limit = min(ceiling, first * (1 << min(max(attempt, 0), 30)))
        let (seconds, attoseconds) = limit.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        return .nanoseconds(Int64.random(in: nanoseconds / 2...max(nanoseconds, 1), using: &random))
    }
}
