import Basics
import FileSystemBackup
import ResticFormat

/// A backup of files as people and programs read it.
final class BackupProgressReport: Sendable {
    private let console: Console
    private let isJSON: Bool
    private let isDryRun: Bool
    private let reporter: ProgressReporter

    init(_ context: CommandContext, isJSON: Bool, isDryRun: Bool) {
        console = context.console
        self.isJSON = isJSON
        self.isDryRun = isDryRun
        reporter = ProgressReporter(
            ProgressMeter(verb: "backing up", unit: "files"), console: context.console, clock: ContinuousClock())
    }

    func begin(_ parent: ParentSnapshot?) {
        guard !isJSON else { return }
        console.note(
            parent.map { "comparing with the snapshot \($0.id.shortDescription)" }
                ?? "there is no former snapshot of these paths: everything is read")
    }

    /// May be called from any task.
    @Sendable func observe(_ event: BackupEvent) {
        switch event {
        case .problem(let problem): tell(problem)
        case .vanished(let path): if !isJSON { console.note("gone before it was read: \(path)") }
        case .reading, .finished: break
        }
    }

    private func tell(_ problem: ItemProblem) {
        guard isJSON else { return console.note("warning: \(problem)") }
        var message = JSONLine()
        message.add("message", problem.error.message)
        var line = JSONLine()
        line.add("message_type", "error")
        line.add("error", json: message.text)
        line.add("during", "archival")
        line.add("item", problem.path.description)
        console.note(line.text)
    }

    /// Shows the counts four times a second while `body` runs.
    func following<Result: Sendable>(
        _ progress: BackupProgress, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { console.clearTransient() }
        let (reporter, isJSON) = (reporter, isJSON)
        return try await Ticking.run(
            every: .milliseconds(250),
            tick: {
                let counts = progress.counts
                guard !isJSON else { return }
                reporter.update(
                    done: Int(clamping: counts.files), total: nil, bytes: ByteCount(Int64(clamping: counts.bytes)))
            }, body)
    }

    func finish(_ outcome: BackupOutcome) {
        let elapsed = reporter.finish()
        if isJSON { console.line(summary(outcome, elapsed).text) } else { printText(outcome, elapsed) }
    }

    private func printText(_ outcome: BackupOutcome, _ elapsed: Duration) {
        let counts = outcome.counts
        console.line(
            "files: \(counts.filesNew) new, \(counts.filesChanged) changed, \(counts.filesUnmodified) unmodified")
        console.line(
            "folders: \(counts.foldersNew) new, \(counts.foldersChanged) changed, \(counts.foldersUnmodified) unmodified"
        )
        console.line(
            "\(isDryRun ? "would add" : "added") \(ByteCount(Int64(clamping: counts.addedBytes))) "
                + "(\(ByteCount(Int64(clamping: counts.storedBytes))) stored), processed "
                + "\(ByteCount(Int64(clamping: counts.bytes))) in \(HumanTime.elapsed(elapsed))")
        if counts.problems > 0 { console.line("\(counts.problems) items could not be read: see above") }
        if let id = outcome.snapshotID {
            console.line("saved the snapshot \(id.shortDescription)")
        } else if !isDryRun {
            console.line("nothing has changed: no snapshot was made")
        }
    }

    /// restic's object.
    private func summary(_ outcome: BackupOutcome, _ elapsed: Duration) -> JSONLine {
        let counts = outcome.counts
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("files_new", counts.filesNew)
        line.add("files_changed", counts.filesChanged)
        line.add("files_unmodified", counts.filesUnmodified)
        line.add("dirs_new", counts.foldersNew)
        line.add("dirs_changed", counts.foldersChanged)
        line.add("dirs_unmodified", counts.foldersUnmodified)
        line.add("data_blobs", counts.newDataBlobs)
        line.add("tree_blobs", counts.newTreeBlobs)
        line.add("data_added", counts.addedBytes)
        line.add("data_added_packed", counts.storedBytes)
        line.add("total_files_processed", counts.files)
        line.add("total_bytes_processed", counts.bytes)
        line.add("total_duration", json: HumanTime.seconds(elapsed))
        if let summary = outcome.snapshot.summary {
            line.add("backup_start", summary.backupStart.description)
            line.add("backup_end", summary.backupEnd.description)
        }
        if let id = outcome.snapshotID { line.add("snapshot_id", id.description) }
        if isDryRun { line.add("dry_run", true) }
        return line
    }
}

extension HumanTime {
    /// A JSON number of seconds, to the millisecond.
    static func seconds(_ span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        return "\(seconds).\(padded(Int(attoseconds / 1_000_000_000_000_000), 3))"
    }
}
