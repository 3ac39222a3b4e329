package import Basics
import Synchronization

/// Shows how work goes on: a line that changes on a terminal, a line a minute elsewhere. Safe to call from any task, as
/// often as wanted.
package final class ProgressReporter: Sendable {
    private let console: Console
    private let meter: ProgressMeter
    private let elapsed: @Sendable () -> Duration
    private let lastShown: Mutex<Duration>

    /// Starts the clock.
    package init(_ meter: ProgressMeter, console: Console, clock: some Clock<Duration>) {
        self.meter = meter
        self.console = console
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        lastShown = Mutex(.zero)
    }

    private var interval: Duration { console.messages.isTerminal ? .milliseconds(100) : .seconds(60) }

    package func update(done: Int, total: Int?, bytes: ByteCount? = nil) {
        let now = elapsed()
        let isDue = lastShown.withLock { last in
            guard now - last >= interval else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let line = meter.line(done: done, total: total, bytes: bytes, elapsed: now)
        if console.messages.isTerminal { console.showTransient(line) } else { console.note(line) }
    }

    /// Takes the line away and returns how long the work took.
    @discardableResult
    package func finish() -> Duration {
        console.clearTransient()
        return elapsed()
    }
}
