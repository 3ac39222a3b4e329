package import Basics

/// A clock on which time passes `factor` times as fast: an outage of a minute takes half a second of a test's time.
///
/// For code with many stages that pause and wait for each other, where `SkippingClock` would let the one that pauses most
/// run away with the time. Nothing may depend on how long anything takes; conditions are waited for.
package struct ScaledClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        package var sinceStart: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        package func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        package static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private let factor: Int
    private let start = ContinuousClock.now
    /// What the wall clock shows at the start.
    private let epoch: Timestamp

    package init(factor: Int = 100, epoch: Timestamp = Timestamp(seconds: 1_772_323_200)) {
        self.factor = factor
        self.epoch = epoch
    }

    package var now: Instant { Instant(sinceStart: start.duration(to: .now) * factor) }
    package var minimumResolution: Duration { .microseconds(1) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let rest = now.duration(to: deadline) / factor
        if rest > .zero { try await ContinuousClock().sleep(for: rest) } else { try Task.checkCancellation() }
    }

    /// The same time as a wall clock.
    package var wallClock: WallClock { WallClock { epoch + now.sinceStart } }

    /// Waits until `condition` holds.
    /// - Returns: whether it did within `limit`, by this clock.
    package func waits(
        upTo limit: Duration = .seconds(6000), until condition: () async throws -> Bool
    ) async throws -> Bool {
        let end = now.advanced(by: limit)
        while now < end {
            if try await condition() { return true }
            try await sleep(until: now.advanced(by: .milliseconds(500)), tolerance: nil)
        }
        return try await condition()
    }
}
