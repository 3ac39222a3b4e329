import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

/// A restore as people and programs read it.
final class RestoreProgressReport: Sendable {
    private let console: Console
    private let clock: any Clock<Duration>
    private let isJSON: Bool
    private let reporter: ProgressReporter

    init(_ context: CommandContext, isJSON: Bool) {
        console = context.console
        clock = context.clock
        self.isJSON = isJSON
        reporter = ProgressReporter(
            ProgressMeter(verb: "restoring", unit: "files"), console: context.console, clock: ContinuousClock())
    }

    func begin(_ stored: StoredSnapshot, _ folder: LocalPath) {
        guard !isJSON else { return }
        console.note("restoring the snapshot \(stored.id.shortDescription) into \(folder)")
    }

    /// May be called from any task.
    @Sendable func observe(_ event: RestoreEvent) {
        guard case .problem(let problem) = event else { return }
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

    /// Shows the counts four times a second while `body` runs.
    func following<Result: Sendable>(
        _ progress: RestoreProgress, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { console.clearTransient() }
        let (reporter, isJSON) = (reporter, isJSON)
        return try await Ticking.run(
            every: .milliseconds(250),
            tick: {
                let counts = progress.counts
                guard !isJSON else { return }
                reporter.update(
                    done: Int(clamping: counts.filesRestored + counts.filesSkipped),
                    total: Int(clamping: counts.totalFiles),
                    bytes: ByteCount(Int64(clamping: counts.bytesRestored)))
            }, body)
    }

    func show(_ plan: RestorePlan) {
        for line in plan.lines {
            guard isJSON else {
                console.line("\(line.verb.rawValue) \(line.path)")
                continue
            }
            var object = JSONLine()
            object.add("message_type", "verbose_status")
            object.add("action", line.verb.rawValue)
            object.add("item", line.path.description)
            object.add("size", line.size)
            console.line(object.text)
        }
        for problem in plan.problems { observe(.problem(problem)) }
        guard !isJSON else { return }
        console.note("would write or compare \(ByteCount(Int64(clamping: plan.contentBytes))); nothing was changed")
    }

    func finish(_ counts: RestoreCounts) {
        let elapsed = reporter.finish()
        guard isJSON else {
            console.line(
                "restored \(counts.filesRestored) files (\(ByteCount(Int64(clamping: counts.bytesRestored)))), "
                    + "left \(counts.filesSkipped) as they were, removed \(counts.deleted), in \(HumanTime.elapsed(elapsed))"
            )
            if counts.problems > 0 { console.line("\(counts.problems) items are not as in the snapshot: see above") }
            return
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add(omittingZero: "seconds_elapsed", UInt64(clamping: elapsed.components.seconds))
        line.add(omittingZero: "total_files", counts.totalFiles)
        line.add(omittingZero: "files_restored", counts.filesRestored)
        line.add(omittingZero: "files_skipped", counts.filesSkipped)
        line.add(omittingZero: "files_deleted", counts.deleted)
        line.add(omittingZero: "total_bytes", counts.totalBytes)
        line.add(omittingZero: "bytes_restored", counts.bytesRestored)
        line.add(omittingZero: "bytes_skipped", counts.bytesSkipped)
        console.line(line.text)
    }
}

/// Runs something regularly beside work.
enum Ticking {
    /// Calls `tick` every `interval` until `body` has ended.
    static func run<Result: Sendable>(
        every interval: Duration, tick: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                // Cancellation ends the pause.
                while !Task.isCancelled {
                    do { try await Task.sleep(for: interval) } catch { break }
                    tick()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
            }
            throw CancellationError()
        }
    }
}
