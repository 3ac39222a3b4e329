import Basics
import ClusterBackup
import VeleroAPI

/// What is said after a backup was made.
struct BackupReport {
    let outcome: BackupOutcome
    let url: StoreURL
    let took: Duration

    /// - Throws: why the run failed.
    func show(on console: Console) throws -> ExitStatus {
        let name = outcome.backup.name
        if let failure = outcome.failure {
            throw CommandError(
                failure.code == .cancelled ? .interrupted : ErrorReport(failure).status,
                "backup '\(name)' failed after \(HumanTime.elapsed(took)); \(whatIsLeft)", cause: failure)
        }
        let describe = "martlet backup describe \(name) --from \(url.shellWord)"
        MessageList(limit: 20, more: describe).show(outcome.results, on: console)
        console.line(
            "Backup \"\(name)\" \(outcome.phase): \(counted(outcome.itemCount, "object")) of "
                + "\(counted(outcome.counts.count, "kind")) in \(HumanTime.elapsed(took)), "
                + "\(outcome.archiveSize) packed, in \(url)")
        console.note("See it with: \(describe)")
        return outcome.phase == .completed ? .done : .partlyFailed
    }

    /// A run that could not take everything back says so in its results.
    private var whatIsLeft: String {
        let left = outcome.results.errors.velero.filter { $0.hasPrefix("these files could not be deleted") }
        return left.isEmpty ? "nothing of it is left in \(url)" : left.joined(separator: "; ")
    }
}

/// Warnings and errors of a run on stderr: the first ones whole, the rest as a count.
struct MessageList {
    let limit: Int
    /// The command that shows all of them.
    let more: String

    func show(_ results: BackupResults, on console: Console) {
        show(ResultLines.lines(results.errors), as: "error", on: console)
        show(ResultLines.lines(results.warnings), as: "warning", on: console)
    }

    private func show(_ messages: [String], as word: String, on console: Console) {
        for message in messages.prefix(limit) {
            console.note("\(word): \(PlainText.printable(message, keepingLines: false))")
        }
        if messages.count > limit {
            console.note("… and \(counted(messages.count - limit, "more \(word)", plural: "more \(word)s")): \(more)")
        }
    }
}
