import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoTagCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Change the tags of snapshots.",
        discussion: """
            A changed snapshot has a new id and takes the place of the old one; 'original' in it keeps the first id. Without
            snapshots and filters the tags of all are changed. --set '' removes all tags.

            Examples:
              martlet repo tag --add keep 574d2b23
              martlet repo tag --tag nightly --add weekly --remove nightly --dry-run
              martlet repo tag --set '' latest
            """
    )

    @Argument(help: ArgumentHelp("Only of these, by the beginning of their ids, or 'latest'.", valueName: "snapshot"))
    var names: [String] = []

    @Option(
        name: .customLong("set"), help: ArgumentHelp("Tags instead of all there are; repeatable.", valueName: "tag,…"))
    var newTags: [NameList] = []

    @Option(help: ArgumentHelp("Tags to add; repeatable.", valueName: "tag,…"))
    var add: [NameList] = []

    @Option(help: ArgumentHelp("Tags to remove; repeatable.", valueName: "tag,…"))
    var remove: [NameList] = []

    @Flag(name: [.customShort("n"), .long], help: "Print which snapshots would be changed, and change nothing.")
    var dryRun = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if newTags.isEmpty, add.isEmpty, remove.isEmpty {
            throw ValidationError("what to change? Say --add, --remove or --set")
        }
        if !newTags.isEmpty, !add.isEmpty || !remove.isEmpty {
            throw ValidationError("--set stands for all tags; leave out --add and --remove")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context, rehearsing: dryRun)
        let change: TagChange = newTags.isEmpty ? .edit(add: add.names, remove: remove.names) : .set(newTags.names)
        let console = context.console
        try await access.locked(repository, dryRun ? nil : .exclusive) {
            var count = 0
            for stored in try await selection.snapshots(names, of: repository, context) {
                guard let id = try await repository.changeTags(change, of: stored) else { continue }
                count += 1
                tell(stored, id, change, console)
            }
            tell(count, console)
        }
        return .done
    }

    private func tell(_ old: StoredSnapshot, _ new: ResticID, _ change: TagChange, _ console: Console) {
        guard access.json else {
            guard dryRun else { return }
            let tags = change.applied(to: old.snapshot.tags) ?? []
            let line = "would give the snapshot \(old.id.shortDescription) the tags '\(tags.joined(separator: ","))'"
            return console.line(PlainText.printable(line, keepingLines: false))
        }
        var line = JSONLine()
        line.add("message_type", "changed")
        line.add("old_snapshot_id", old.id.description)
        if !dryRun { line.add("new_snapshot_id", new.description) }
        console.line(line.text)
    }

    private func tell(_ count: Int, _ console: Console) {
        guard access.json else {
            let would = dryRun ? "would modify" : "modified"
            return console.line(count == 0 ? "no snapshots were modified" : "\(would) \(count) snapshots")
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("changed_snapshots", Int64(count))
        console.line(line.text)
    }
}
