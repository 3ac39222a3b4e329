import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoForgetCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove snapshots, by name or by a policy.",
        discussion: """
            The policy is applied to each host and set of paths apart. A snapshot stays if any rule keeps it. What only
            forgotten snapshots needed stays in the store until 'prune', or is freed at once by --prune.

            Examples:
              martlet repo forget --keep-daily 7 --keep-weekly 4 --dry-run
              martlet repo forget --keep-last 3 --keep-within 30d --prune
              martlet repo forget 574d2b23
            """
    )

    @Argument(help: ArgumentHelp("Remove these, whatever the policy.", valueName: "snapshot"))
    var names: [String] = []

    @OptionGroup(title: "Policy") var keep: KeepOptions

    @Option(
        name: [.customShort("g"), .long],
        help: ArgumentHelp("What snapshots have in common that are thinned together.", valueName: "host,paths,tags"))
    var groupBy = "host,paths"

    @Flag(help: "Free what is no longer needed afterwards.")
    var prune = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be removed, and do nothing.")
    var dryRun = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if SnapshotGrouping(groupBy) == nil { throw ValidationError("--group-by is made of host, paths and tags") }
        if !names.isEmpty, !keep.isEmpty { throw ValidationError("give snapshots or a policy, not both") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let policy = try keep.policy()
        guard !names.isEmpty || !policy.isEmpty else {
            throw CommandError.usage(
                "there is nothing that says what to forget",
                advice: "Name snapshots, or what to keep: '--keep-daily 7 --keep-weekly 4'.")
        }
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let progress = RepositoryProgressLine(context, isShown: !access.json)
        return try await access.locked(repository, dryRun ? nil : .exclusive) {
            let ids = try await chosen(repository, policy, filter, context)
            let status = try await forget(ids, repository, context.console)
            if prune, !ids.isEmpty, status == .done {
                try await PruneText(isDryRun: dryRun, isJSON: access.json, console: context.console)
                    .run(repository, PruneOptions(), ignoring: dryRun ? Set(ids) : [], progress)
            }
            return status
        }
    }

    /// Those to forget. A policy's plan is printed.
    private func chosen(
        _ repository: Repository, _ policy: KeepPolicy, _ filter: SnapshotFilter, _ context: CommandContext
    ) async throws -> [ResticID] {
        guard names.isEmpty else {
            var ids: [ResticID] = []
            for name in names { ids.append(try await repository.snapshot(named: name, filter: filter).id) }
            return ids
        }
        let plan = try ForgetPlan(
            try await repository.snapshots(), filter: filter, grouping: SnapshotGrouping(groupBy) ?? SnapshotGrouping(),
            policy: policy, now: context.wallClock.now())
        if access.json {
            context.console.line(JSONLine.array(plan.groups.map { ForgetText.json($0).text }))
        } else {
            for group in plan.groups { context.console.write(ForgetText.text(group)) }
        }
        return plan.forgotten.map(\.id)
    }

    private func forget(_ ids: [ResticID], _ repository: Repository, _ console: Console) async throws -> ExitStatus {
        if dryRun {
            if !access.json { console.line("would forget \(ids.count) snapshots; nothing was changed") }
            return .done
        }
        let failures = try await repository.removeSnapshots(ids)
        for (id, error) in failures.sorted(by: { $0.key < $1.key }) {
            console.note("warning: the snapshot \(id.shortDescription) is still there: \(ErrorChain.line(error))")
        }
        if !access.json { console.line("forgot \(ids.count - failures.count) snapshots") }
        return failures.isEmpty ? .done : .partlyFailed
    }
}

/// The rules of `forget`.
struct KeepOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the newest; a number, or 'unlimited'.", valueName: "count"))
    var keepLast: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many hours.", valueName: "count"))
    var keepHourly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many days.", valueName: "count"))
    var keepDaily: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many weeks.", valueName: "count"))
    var keepWeekly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many months.", valueName: "count"))
    var keepMonthly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many years.", valueName: "count"))
    var keepYearly: String?

    @Option(help: ArgumentHelp("Keep what is newer than this before the newest: 2y5m7d3h.", valueName: "span"))
    var keepWithin: String?

    @Option(help: ArgumentHelp("Keep what has all these tags; repeatable.", valueName: "tag,…"))
    var keepTag: [String] = []

    var isEmpty: Bool {
        [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin].allSatisfy { $0 == nil }
            && keepTag.isEmpty
    }

    func policy() throws(CommandError) -> KeepPolicy {
        var policy = KeepPolicy()
        policy.last = try KeepOptions.count(keepLast, "--keep-last")
        let periods: [(KeepPeriod, String?)] = [
            (.hourly, keepHourly), (.daily, keepDaily), (.weekly, keepWeekly), (.monthly, keepMonthly),
            (.yearly, keepYearly),
        ]
        for (period, text) in periods where text != nil {
            policy.periods[period] = try KeepOptions.count(text, "--keep-\(period.rawValue)")
        }
        if let keepWithin {
            guard let span = KeepSpan(keepWithin) else {
                throw .usage("--keep-within is made of years, months, days and hours, such as 1y2m3d4h")
            }
            policy.within = span
        }
        policy.tags = keepTag.map { $0.split(separator: ",").map(String.init) }
        return policy
    }

    private static func count(_ text: String?, _ flag: String) throws(CommandError) -> KeepCount {
        guard let text else { return .none }
        if text == "unlimited" || text == "-1" { return .unlimited }
        guard let number = Int(text), number >= 0 else {
            throw .usage("\(flag) is a number or 'unlimited', not '\(text)'")
        }
        return number == 0 ? .none : .some(number)
    }
}

/// Groups of a forget plan as people and programs read them.
enum ForgetText {
    static func text(_ group: ForgetPlan.Group) -> String {
        var table = Table(["", "ID", "TIME (UTC)", "TAGS", "REASONS"])
        for kept in group.kept {
            table.append([
                "keep", kept.snapshot.id.shortDescription, SnapshotText.time(kept.snapshot.snapshot.time),
                kept.snapshot.snapshot.tags.joined(separator: ","), kept.reasons.joined(separator: ", "),
            ])
        }
        for stored in group.forgotten {
            table.append([
                "forget", stored.id.shortDescription, SnapshotText.time(stored.snapshot.time),
                stored.snapshot.tags.joined(separator: ","), "",
            ])
        }
        let title = "host '\(group.key.hostname)', paths \(group.key.paths.joined(separator: " "))"
        return PlainText.printable(title, keepingLines: false) + "\n" + table.text() + "\n"
    }

    /// restic's object.
    static func json(_ group: ForgetPlan.Group) -> JSONLine {
        var line = JSONLine()
        line.add("tags", json: group.key.tags.isEmpty ? "null" : JSONLine.array(group.key.tags.map(JSONLine.string)))
        line.add("host", group.key.hostname)
        line.add("paths", json: group.key.paths.isEmpty ? "null" : JSONLine.array(group.key.paths.map(JSONLine.string)))
        line.add("keep", json: JSONLine.array(group.kept.map { SnapshotText.json($0.snapshot).text }))
        let gone = group.forgotten.map { SnapshotText.json($0).text }
        line.add("remove", json: gone.isEmpty ? "null" : JSONLine.array(gone))
        let reasons = group.kept.map { kept in
            var reason = JSONLine()
            reason.add("snapshot", json: SnapshotText.json(kept.snapshot).text)
            reason.add("matches", json: JSONLine.array(kept.reasons.map(JSONLine.string)))
            return reason.text
        }
        line.add("reasons", json: JSONLine.array(reasons))
        return line
    }
}
