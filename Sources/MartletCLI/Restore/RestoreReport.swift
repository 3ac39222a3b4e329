import Basics
import ClusterBackup
import VeleroAPI

/// What is said after a restore, or the plan of one.
struct RestoreReport {
    let restore: Restore
    let outcome: RestoreOutcome
    let url: StoreURL
    let took: Duration
    let isDryRun: Bool

    /// - Throws: why the run stopped.
    func show(on console: Console) throws -> ExitStatus {
        if let stop = outcome.stop { throw stopped(by: stop) }
        let describe = "martlet restore describe \(restore.name) --from \(url.shellWord)"
        MessageList(limit: 20, more: isDryRun ? "the plan above has all of them" : describe)
            .show(outcome.results, on: console)
        console.line(isDryRun ? planned : done)
        if !isDryRun { console.note("See it with: \(describe)") }
        return outcome.phase == .completed ? .done : .partlyFailed
    }

    private var done: String {
        "Restore \"\(restore.name)\" \(outcome.phase): \(counts) in \(HumanTime.elapsed(took))"
    }

    private var planned: String {
        "Dry run: restoring backup \"\(restore.spec.backupName)\" would \(counts). Nothing was written."
    }

    /// `create 12, update 1, leave 3, skip 2`.
    private var counts: String {
        let words: [(RestoreStep.Verb, plan: String, done: String)] = [
            (.create, "create", "created"), (.update, "update", "updated"), (.leave, "find equal", "equal already"),
            (.keep, "leave as they differ", "left as they differ"), (.skip, "skip", "skipped"),
            (.fail, "fail", "failed"),
        ]
        let parts = words.filter { outcome.counts[$0.0] > 0 }.map { verb, plan, done in
            isDryRun ? "\(plan) \(grouped(outcome.counts[verb]))" : "\(grouped(outcome.counts[verb])) \(done)"
        }
        return parts.isEmpty ? (isDryRun ? "do nothing" : "no objects") : parts.joined(separator: ", ")
    }

    private func stopped(by stop: RestoreOutcome.Stop) -> CommandError {
        let again = ["run the same command again: it goes on where it stopped"]
        let message = "restore '\(restore.name)' stopped after \(counted(outcome.counts.total, "object"))"
        switch stop {
        case .cancelled:
            return CommandError(.interrupted, "\(message): interrupted", advice: again)
        case .server(let error), .archive(let error):
            let report = ErrorReport(error)
            return CommandError(report.status, message, advice: report.advice + again, cause: error)
        }
    }
}
