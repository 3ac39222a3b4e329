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
              martlet repo forget --keep-within-daily 14d --keep-tag release --group-by host
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

    @Flag(help: "A policy that keeps nothing of what --host, --tag and --path select is meant.")
    var unsafeAllowRemoveAll = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be removed, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "With --prune") var limits: PruneLimits
    @OptionGroup var writing: WritingOptions
    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if SnapshotGrouping(groupBy) == nil { throw ValidationError("--group-by is made of host, paths and tags") }
        if !names.isEmpty, !keep.isEmpty { throw ValidationError("give snapshots or a policy, not both") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let policy = try keep.policy()
        let pruneOptions = try limits.options(packBytes: writing.packBytes(context))
        guard !names.isEmpty || !policy.isEmpty || removesAll(context) else {
            throw CommandError.usage(
                "there is nothing that says what to forget",
                advice: "Name snapshots, or what to keep: '--keep-daily 7 --keep-weekly 4'.")
        }
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        return try await access.locked(repository, dryRun ? nil : .exclusive) {
            let ids = try await chosen(repository, policy, filter, context)
            let status = try await forget(ids, repository, context.console)
            if prune, !ids.isEmpty, status == .done {
                try await PruneText(isDryRun: dryRun, isJSON: access.json, console: context.console)
                    .run(repository, pruneOptions, ignoring: dryRun ? Set(ids) : [], progress)
            }
            return status
        }
    }

    /// Whether everything that the filter selects goes: said in so many words, and only with a filter.
    private func removesAll(_ context: CommandContext) -> Bool {
        unsafeAllowRemoveAll && !selection.filter(context).isEmpty
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
            policy: policy, now: context.wallClock.now(), allowsNothingKept: removesAll(context))
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
