import Basics
import ClusterBackup
import Synchronization

/// Shows a restore while it runs: each step of a plan on stdout, the progress of a real run on stderr.
final class RestoreObserver: Sendable {
    private struct State {
        var done = 0
        var total: Int?
    }

    private let console: Console
    private let reporter: ProgressReporter
    private let printsSteps: Bool
    private let state = Mutex(State())

    init(context: CommandContext, printsSteps: Bool) {
        console = context.console
        self.printsSteps = printsSteps
        reporter = ProgressReporter(
            ProgressMeter(verb: printsSteps ? "planning" : "restoring", unit: "objects"), console: context.console,
            clock: context.clock)
    }

    func observe(_ event: RestoreEvent) {
        switch event {
        case .note(let text): console.note(PlainText.printable(text, keepingLines: false))
        case .started(let total): state.withLock { $0.total = total }
        case .step(let step):
            if printsSteps { console.line(PlainText.printable(step.description, keepingLines: true)) }
            let now = state.withLock { state in
                state.done += 1
                return state
            }
            reporter.update(done: now.done, total: now.total.map { max($0, now.done) })
        }
    }

    func finish() -> Duration { reporter.finish() }
}
