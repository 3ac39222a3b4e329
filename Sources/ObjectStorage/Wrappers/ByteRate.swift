/// Spreads bytes over time: each transfer is given the moment when it may begin. No clock of its own.
struct ByteRate {
    /// Bytes per second.
    let rate: Int64
    private var nextFree: Duration = .zero

    init(bytesPerSecond: Int64) {
        precondition(bytesPerSecond > 0, "\(bytesPerSecond) bytes per second never arrive")
        rate = bytesPerSecond
    }

    /// How long a transfer of `count` bytes that is ready at `now` has to wait; it occupies the time that its bytes take.
    mutating func reserve(_ count: Int, now: Duration) -> Duration {
        let start = max(now, nextFree)
        let (seconds, rest) = Int64(count).quotientAndRemainder(dividingBy: rate)
        nextFree = start + .seconds(seconds) + .nanoseconds(Int64(Double(rest) / Double(rate) * 1_000_000_000))
        return start - now
    }
}
