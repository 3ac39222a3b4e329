/// The time since it was started, on any clock: `any Clock` cannot compare its own instants.
package struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    package init(_ clock: any Clock<Duration>) {
        func start(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
            let start = clock.now
            return { start.duration(to: clock.now) }
        }
        read = start(clock)
    }

    package var elapsed: Duration { read() }
}
