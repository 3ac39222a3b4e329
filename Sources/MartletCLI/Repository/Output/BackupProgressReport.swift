import Basics
import FileSystemBackup
import ResticFormat
import Synchronization

/// A backup of files as people and programs read it.
final class BackupProgressReport: Sendable {
    /// The most files that a status names.
    private static let mostCurrentFiles = 2

    private let console: Console
    private let isJSON: Bool
    private let isQuiet: Bool
    private let namesItems: Bool
    private let isDryRun: Bool
    private let interval: Duration
    private let reporter: ProgressReporter
    private let total = Mutex<TreeScan.Total?>(nil)
    private let current = Mutex<[LocalPath]>([])
    private let elapsed: @Sendable () -> Duration

    init(_ context: CommandContext, access: RepositoryOptions, isDryRun: Bool) {
        console = context.console
        isJSON = access.json
        isQuiet = access.quiet && !access.json
        namesItems = access.verbose > 1
        self.isDryRun = isDryRun
        interval = StatusPace.interval(context.environment)
        let clock = ContinuousClock()
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        reporter = ProgressReporter(
            ProgressMeter(verb: "backing up", unit: "files"), console: context.console, clock: clock)
    }

    func begin(_ parent: ParentSnapshot?, compares: Bool) {
        guard !isJSON, !isQuiet, compares else { return }
        console.note(
            parent.map { "comparing with the snapshot \($0.id.shortDescription)" }
                ?? "there is no former snapshot of these paths: everything is read")
    }

    /// May be called from any task.
    @Sendable func observe(_ event: BackupEvent) {
        switch event {
        case .problem(let problem): tell(problem)
        case .vanished(let path): if !isJSON { console.note("gone before it was read: \(path)") }
        case .reading(let path):
            current.withLock { paths in
                if paths.count == BackupProgressReport.mostCurrentFiles { paths.removeFirst() }
                paths.append(path)
            }
        case .finished(let item): if namesItems { tell(item) }
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

    private func tell(_ item: FinishedItem) {
        let path = item.path.description + (item.kind == .directory ? "/" : "")
        guard isJSON else {
            let verb = item.change.rawValue + String(repeating: " ", count: 9 - item.change.rawValue.count)
            return console.line("\(verb) \(path)")
        }
        var line = JSONLine()
        line.add("message_type", "verbose_status")
        line.add("action", item.change.rawValue)
        line.add("item", path)
        console.line(line.text)
    }

    /// Shows the counts again and again while `body` runs.
    /// - Parameter counting: tells what there is to do; runs beside, if somebody sees it.
    func following<Result: Sendable>(
        _ progress: BackupProgress, counting: (@Sendable () -> TreeScan.Total)?,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { console.clearTransient() }
        guard !isQuiet else { return try await body() }
        var beside: (@Sendable () -> Void)?
        if let counting, isJSON || console.messages.isTerminal {
            beside = { [self] in finishCounting(counting()) }
        }
        return try await Ticking.run(
            every: interval, tick: { [self] in show(progress.counts) }, beside: beside, body)
    }

    private func finishCounting(_ counted: TreeScan.Total) {
        guard !Task.isCancelled else { return }
        total.withLock { $0 = counted }
        guard isJSON, namesItems else { return }
        var line = JSONLine()
        line.add("message_type", "verbose_status")
        line.add("action", "scan_finished")
        line.add("data_size", counted.bytes)
        line.add("total_files", counted.files)
        console.line(line.text)
    }

    private func show(_ counts: BackupCounts) {
        let total = total.withLock { $0 }
        if isJSON { return console.line(status(counts, total).text) }
        reporter.update(
            done: Int(clamping: counts.files), total: total.map { Int(clamping: $0.files) },
            bytes: ByteCount(Int64(clamping: counts.bytes)))
    }

    /// restic's object.
    private func status(_ counts: BackupCounts, _ total: TreeScan.Total?) -> JSONLine {
        let status = WorkStatus(elapsed: elapsed(), totalBytes: total?.bytes ?? 0, doneBytes: counts.bytes)
        var line = JSONLine()
        line.add("message_type", "status")
        line.add(omittingZero: "seconds_elapsed", status.secondsElapsed)
        line.add(omittingZero: "seconds_remaining", status.secondsRemaining)
        line.add("percent_done", json: status.shareText)
        line.add(omittingZero: "total_files", total?.files ?? 0)
        line.add(omittingZero: "files_done", counts.files)
        line.add(omittingZero: "total_bytes", total?.bytes ?? 0)
        line.add(omittingZero: "bytes_done", counts.bytes)
        line.add(omittingZero: "error_count", counts.problems)
        let paths = current.withLock { $0 }.map { JSONLine.string($0.description) }
        if !paths.isEmpty { line.add("current_files", json: JSONLine.array(paths)) }
        return line
    }

    func finish(_ outcome: BackupOutcome) {
        reporter.finish()
        let elapsed = elapsed()
        if isJSON { console.line(summary(outcome, elapsed).text) } else if !isQuiet { printText(outcome, elapsed) }
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
