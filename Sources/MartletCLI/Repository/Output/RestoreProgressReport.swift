import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

/// A restore as people and programs read it.
final class RestoreProgressReport: Sendable {
    private let console: Console
    private let isJSON: Bool
    private let isQuiet: Bool
    private let namesItems: Bool
    private let interval: Duration
    private let elapsed: @Sendable () -> Duration
    private let reporter: ProgressReporter

    init(_ context: CommandContext, isJSON: Bool, isQuiet: Bool = false, namesItems: Bool = false) {
        console = context.console
        self.isJSON = isJSON
        self.isQuiet = isQuiet && !isJSON
        self.namesItems = namesItems
        interval = StatusPace.interval(context.environment)
        let clock = ContinuousClock()
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        reporter = ProgressReporter(
            ProgressMeter(verb: "restoring", unit: "files"), console: context.console, clock: clock)
    }

    func begin(_ stored: StoredSnapshot, _ folder: LocalPath) {
        guard !isJSON, !isQuiet else { return }
        console.note("restoring the snapshot \(stored.id.shortDescription) into \(folder)")
    }

    /// May be called from any task.
    @Sendable func observe(_ event: RestoreEvent) {
        switch event {
        case .finished(let line): if namesItems { show(line) }
        case .problem(let problem): tell(problem)
        }
    }

    private func tell(_ problem: ItemProblem) {
        guard isJSON else { return console.note("warning: \(problem)") }
        var message = JSONLine()
        message.add("message", problem.error.message)
        var line = JSONLine()
        line.add("message_type", "error")
        line.add("error", json: message.text)
        line.add("during", "restore")
        line.add("item", problem.path.description)
        console.note(line.text)
    }

    /// restic's object.
    private func show(_ line: RestorePlan.Line) {
        guard isJSON else { return console.line("\(line.verb.rawValue) \(line.path)") }
        var object = JSONLine()
        object.add("message_type", "verbose_status")
        object.add("action", RestoreProgressReport.action(line.verb))
        object.add("item", line.path.description)
        object.add("size", line.size)
        console.line(object.text)
    }

    private static func action(_ verb: RestorePlan.Line.Verb) -> String {
        switch verb {
        case .create, .link: "restored"
        case .update, .replace: "updated"
        case .metadata, .skip: "unchanged"
        case .delete: "deleted"
        }
    }

    /// Shows the counts again and again while `body` runs.
    func following<Result: Sendable>(
        _ progress: RestoreProgress, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { console.clearTransient() }
        guard !isQuiet else { return try await body() }
        return try await Ticking.run(every: interval, tick: { [self] in show(progress.counts) }, body)
    }

    private func show(_ counts: RestoreCounts) {
        guard isJSON else {
            return reporter.update(
                done: Int(clamping: counts.filesRestored + counts.filesSkipped),
                total: Int(clamping: counts.totalFiles), bytes: ByteCount(Int64(clamping: counts.bytesRestored)))
        }
        let status = WorkStatus(
            elapsed: elapsed(), totalBytes: counts.totalBytes, doneBytes: counts.bytesRestored + counts.bytesSkipped)
        var line = JSONLine()
        line.add("message_type", "status")
        line.add(omittingZero: "seconds_elapsed", status.secondsElapsed)
        line.add("percent_done", json: status.shareText)
        add(counts, to: &line)
        console.line(line.text)
    }

    private func add(_ counts: RestoreCounts, to line: inout JSONLine) {
        line.add(omittingZero: "total_files", counts.totalFiles)
        line.add(omittingZero: "files_restored", counts.filesRestored)
        line.add(omittingZero: "files_skipped", counts.filesSkipped)
        line.add(omittingZero: "files_deleted", counts.deleted)
        line.add(omittingZero: "total_bytes", counts.totalBytes)
        line.add(omittingZero: "bytes_restored", counts.bytesRestored)
        line.add(omittingZero: "bytes_skipped", counts.bytesSkipped)
    }

    func show(_ plan: RestorePlan) {
        for line in plan.lines { show(line) }
        for problem in plan.problems { observe(.problem(problem)) }
        guard !isJSON, !isQuiet else { return }
        console.note("would write or compare \(ByteCount(Int64(clamping: plan.contentBytes))); nothing was changed")
    }

    func finish(_ counts: RestoreCounts) {
        reporter.finish()
        let elapsed = elapsed()
        if isJSON {
            var line = JSONLine()
            line.add("message_type", "summary")
            line.add(omittingZero: "seconds_elapsed", UInt64(clamping: elapsed.components.seconds))
            add(counts, to: &line)
            return console.line(line.text)
        }
        if !isQuiet {
            console.line(
                "restored \(counts.filesRestored) files (\(ByteCount(Int64(clamping: counts.bytesRestored)))), "
                    + "left \(counts.filesSkipped) as they were, removed \(counts.deleted), "
                    + "in \(HumanTime.elapsed(elapsed))")
        }
        if counts.problems > 0 { console.line("\(counts.problems) items are not as in the snapshot: see above") }
    }
}
