import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoRepairSnapshotsCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "Make snapshots that can be restored of those that lost something.",
        discussion: """
            Files lose the pieces that are gone, folders that cannot be read become empty. The new snapshots get the tag
            'repaired' and stand beside the old ones, or in their place with --forget. Repair the index first.

            Examples:
              martlet repo repair snapshots --dry-run
              martlet repo repair snapshots --forget --yes
              martlet repo repair snapshots 574d2b23
            """
    )

    @Argument(help: ArgumentHelp("Only these; else all.", valueName: "snapshot"))
    var names: [String] = []

    @Flag(help: "Remove the old snapshots, and those that cannot be read at all.")
    var forget = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context, rehearsing: dryRun)
        if forget, !dryRun {
            try Confirmation.obtain(
                "What is damaged in snapshots will be removed from them for good.", saidYes: yes,
                console: context.console)
        }
        let needsExclusive = forget
        try await access.locked(repository, dryRun ? nil : needsExclusive ? .exclusive : .shared) {
            let (snapshots, unreadable) = try await chosen(repository, context)
            let repairs = try await repository.repairSnapshots(snapshots, forgets: forget)
            var removed: [ResticID] = []
            if forget {
                removed = unreadable
                for (id, error) in try await repository.removeSnapshots(unreadable) {
                    throw RepositoryError(.store, "removing the snapshot \(id)", cause: error)
                }
            }
            show(snapshots, repairs, unreadable, removed, context.console)
        }
        return .done
    }

    /// The snapshots to look at, and those of them that cannot be read.
    private func chosen(
        _ repository: Repository, _ context: CommandContext
    ) async throws -> ([StoredSnapshot], [ResticID]) {
        let filter = selection.filter(context)
        let list = try await repository.listSnapshots()
        guard !names.isEmpty else {
            let unreadable = filter.isEmpty ? list.damaged.map(\.id) : []
            return (list.snapshots.filter { filter.matches($0.snapshot) }, unreadable)
        }
        var ids: [ResticID] = []
        for name in names where name != "latest" { ids.append(try await repository.resolve(name, .snapshot)) }
        if names.contains("latest") { ids.append(try await repository.snapshot(named: "latest", filter: filter).id) }
        for id in ids
        where !list.snapshots.contains(where: { $0.id == id }) && !list.damaged.contains(where: { $0.id == id }) {
            throw RepositoryError(.notFound, "there is no snapshot \(id)")
        }
        return (list.snapshots.filter { ids.contains($0.id) }, list.damaged.map(\.id).filter { ids.contains($0) })
    }

    private func show(
        _ snapshots: [StoredSnapshot], _ repairs: [ResticID: SnapshotRepair], _ unreadable: [ResticID],
        _ removed: [ResticID], _ console: Console
    ) {
        var changed = 0
        for stored in snapshots {
            guard let repair = repairs[stored.id], repair != .whole else { continue }
            changed += 1
            tell(stored.id, repair, console)
        }
        for id in unreadable {
            changed += removed.contains(id) ? 1 : 0
            guard !removed.contains(id) else {
                tell(id, .lost, console)
                continue
            }
            console.note("warning: the snapshot \(id) cannot be read; --forget removes it")
        }
        guard access.json else {
            let would = dryRun ? "would modify" : "modified"
            return console.line(changed == 0 ? "no snapshots were modified" : "\(would) \(changed) snapshots")
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("changed_snapshots", Int64(changed))
        if dryRun { line.add("dry_run", true) }
        console.line(line.text)
    }

    private func tell(_ id: ResticID, _ repair: SnapshotRepair, _ console: Console) {
        var new: ResticID?
        if case .repaired(let id) = repair { new = id }
        guard access.json else {
            let would = dryRun ? "would be " : ""
            guard let new else {
                let fate = forget ? "\(would)removed" : "left as it is"
                return console.line("snapshot \(id.shortDescription): nothing is left of it; \(fate)")
            }
            let name = dryRun ? "" : " as \(new.shortDescription)"
            return console.line("snapshot \(id.shortDescription): \(would)repaired\(name)")
        }
        var line = JSONLine()
        line.add("message_type", new == nil ? "lost" : "changed")
        line.add("old_snapshot_id", id.description)
        if let new, !dryRun { line.add("new_snapshot_id", new.description) }
        console.line(line.text)
    }
}
