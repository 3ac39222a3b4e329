import ArgumentParser
import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

struct MirrorHistoryCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Check the log of a mirror's target, and say from when to when it reaches.",
        discussion: """
            Each segment of the log holds the hash of the one before. Whoever notes the last hash down can
            tell later that nothing before it was altered.

            Example:
              martlet mirror history backup/radar-output-storage
            """
    )

    @Argument(help: "The target of the mirror.")
    var target: String

    @OptionGroup var output: PlainOutputOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let endpoint = try await context.stores.endpoint(target)
        let summary = try await MirrorHistory(store: endpoint.store).check()
        if output.isJSON {
            var json: JSONValue = [
                "status": "success", "segments": .number(JSONNumber(summary.segments)),
                "entries": .number(JSONNumber(summary.entries)),
            ]
            json["head"] = summary.head.map { .string($0) }
            json["first"] = summary.first.map { .string($0.description) }
            json["last"] = summary.last.map { .string($0.description) }
            context.console.jsonLine(json)
            return .done
        }
        guard summary.segments > 0 else {
            context.console.note("\(target) has no history.")
            return .done
        }
        var outline = Outline(column: 12)
        outline.add("From", summary.first.map(HumanTime.instant) ?? "?")
        outline.add("To", summary.last.map(HumanTime.instant) ?? "?")
        outline.add(
            "Entries", "\(grouped(summary.entries)) in \(counted(summary.segments, "segment")), whole and in order")
        if let head = summary.head { outline.add("Head", head) }
        context.console.write(outline.rendered)
        return .done
    }
}

struct MirrorThinCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thin",
        abstract: "Remove old versions from a mirror's target, by age.",
        discussion: """
            Kept are all versions of the last 48 hours, then the last of each hour for 14 days, then the
            last of each day for 90 days, and always the newest of each object that still exists. Run it
            with keys of its own, from another machine than the mirror's.

            Examples:
              martlet mirror thin --dry-run backup/radar-output-storage
              martlet mirror thin --yes --keep-daily 365d backup/radar-output-storage
            """
    )

    @Argument(help: "The target of the mirror.")
    var target: String

    @Option(help: ArgumentHelp("Keep everything so long.", valueName: "age"))
    var keepAll: AgeArgument?

    @Option(help: ArgumentHelp("Then the last of each hour up to this age.", valueName: "age"))
    var keepHourly: AgeArgument?

    @Option(help: ArgumentHelp("Then the last of each day up to this age.", valueName: "age"))
    var keepDaily: AgeArgument?

    @Flag(help: "Print what would be removed, and do nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        var retention = HistoryRetention()
        if let keepAll { retention.all = keepAll.span }
        if let keepHourly { retention.hourly = keepHourly.span }
        if let keepDaily { retention.daily = keepDaily.span }
        let endpoint = try await context.stores.endpoint(target)
        let thinning = HistoryThinning(store: endpoint.store, retention: retention, wallClock: context.wallClock)
        let plan = try await thinning.run(isDryRun: true)
        guard endpoint.store.features.offers(.versions) || plan.moved + plan.segments > 0 else {
            throw CommandError(
                .failed, "\(target) keeps no versions that could be removed, and nothing old was moved away",
                advice: ["What is moved away lies beneath \(target)/.martlet/old/, by the second when it was."])
        }
        let what =
            "\(counted(plan.removed, "version")) of \(grouped(plan.versions)), \(counted(plan.moved, "object")) moved away, "
            + "\(ByteCount(plan.bytesRemoved)), and \(counted(plan.segments, "segment")) of the log"
        guard !dryRun, plan.removed + plan.moved + plan.segments > 0 else {
            context.console.note("\(what) would be removed; nothing was.")
            return .done
        }
        try Confirmation.obtain("Remove \(what), from \(target) for good?", saidYes: yes, console: context.console)
        let report = try await thinning.run(isDryRun: false)
        let locked = report.locked > 0 ? "; \(counted(report.locked, "version")) locked by the store" : ""
        context.console.line(
            "Removed \(counted(report.removed, "version")), \(counted(report.moved, "object")) moved away, "
                + "\(ByteCount(report.bytesRemoved)), and \(counted(report.segments, "segment")) of the log\(locked).")
        return .done
    }
}

/// `48h`, `14d`.
struct AgeArgument: ExpressibleByArgument, Sendable, Hashable {
    let span: Duration

    init?(argument: String) {
        guard let span = InstantArgument.age(argument) else { return nil }
        self.span = span
    }
}
