import Synchronization

/// A clock on which time passes only by sleeping. Each sleep first does a step of the world outside, and gives others a turn.
final class SteppingClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var sinceStart: Duration

        func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private let state = Mutex(Instant(sinceStart: .zero))
    private let step: @Sendable () throws -> Void

    init(_ step: @escaping @Sendable () throws -> Void = {}) { self.step = step }

    var now: Instant { state.withLock { $0 } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        try step()
        state.withLock { $0 = max($0, deadline) }
        await Task.yield()
    }
}

/// Things that happen one after the other, one for each call.
final class Steps: Sendable {
    private let steps: [@Sendable () throws -> Void]
    private let done = Mutex(0)

    init(_ steps: [@Sendable () throws -> Void]) { self.steps = steps }

    var isDone: Bool { done.withLock { $0 } >= steps.count }

    func next() throws {
        let index = done.withLock { done in
            defer { done += 1 }
            return done
        }
        if index < steps.count { try steps[index]() }
    }
}
