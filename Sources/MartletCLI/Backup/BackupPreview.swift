import Basics
import ClusterBackup
import VeleroAPI

/// `backup create --dry-run`: the whole run, into a store that keeps nothing. What it counts is what a real run would save.
struct BackupPreview {
    let context: CommandContext
    let cluster: ClusterOptions

    func show(_ request: BackupRequest) async throws -> ExitStatus {
        let client = try await context.connect(cluster)
        let reporter = ProgressReporter(
            ProgressMeter(verb: "reading", unit: "objects"), console: context.console, clock: context.clock)
        let outcome = try await DirectBackup(client: client, store: DiscardingStore(), clock: context.wallClock).run(
            request
        ) { progress in
            reporter.update(done: progress.itemsBackedUp, total: nil, bytes: ByteCount(progress.bytesWritten))
        }
        reporter.finish()
        if let failure = outcome.failure { throw failure }
        MessageList(limit: 20, more: "fewer namespaces or kinds show the rest").show(
            outcome.results, on: context.console)
        var table = Table(["KIND", "OBJECTS"])
        for (kind, count) in outcome.counts.sorted(by: { $0.key < $1.key }) { table.append([kind, "\(count)"]) }
        context.console.write(table.text())
        context.console.line(
            "Dry run: backup \"\(request.name)\" would save \(counted(outcome.itemCount, "object")) of "
                + "\(counted(outcome.counts.count, "kind")), \(outcome.archiveSize) packed. Nothing was written.")
        return outcome.phase == .completed ? .done : .partlyFailed
    }
}
