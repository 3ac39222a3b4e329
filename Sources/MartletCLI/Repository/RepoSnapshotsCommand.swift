import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoSnapshotsCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "List the snapshots of a repository, oldest first.",
        discussion: """
            Examples:
              martlet repo snapshots --repo /srv/repository
              martlet repo snapshots --latest 1 --tag ns=demo,pod=db-0 --json
              martlet repo snapshots 574d2b23
            """
    )

    @Argument(help: ArgumentHelp("Only these, by the beginning of their ids, or 'latest'.", valueName: "snapshot"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Only the newest of each host and set of paths.", valueName: "count"))
    var latest: Int?

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if let latest, latest < 1 { throw ValidationError("--latest is 1 or more") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let (found, unreadable) = try await access.locked(repository, reading.noLock ? nil : .shared) {
            try await list(repository, filter)
        }
        let snapshots = latest.map { newest($0, of: found) } ?? found
        if access.json {
            context.console.line(JSONLine.array(snapshots.map { SnapshotText.json($0).text }))
        } else if snapshots.isEmpty {
            context.console.note("There are no such snapshots.")
        } else {
            context.console.write(SnapshotText.table(snapshots))
        }
        for (id, error) in unreadable {
            context.console.note(
                "warning: the snapshot \(id.shortDescription) cannot be read: \(ErrorChain.line(error))")
        }
        return unreadable.isEmpty ? .done : .damaged
    }

    private func list(
        _ repository: Repository, _ filter: SnapshotFilter
    ) async throws -> ([StoredSnapshot], [(ResticID, RepositoryError)]) {
        guard names.isEmpty else {
            var named: [StoredSnapshot] = []
            for name in names { named.append(try await repository.snapshot(named: name, filter: filter)) }
            return (named, [])
        }
        let list = try await repository.listSnapshots()
        return (list.snapshots.filter { filter.matches($0.snapshot) }, list.damaged.map { ($0.id, $0.error) })
    }

    /// The newest `count` of each host and set of paths; the order stays.
    private func newest(_ count: Int, of snapshots: [StoredSnapshot]) -> [StoredSnapshot] {
        var seen: [[String]: Int] = [:]
        var kept: [StoredSnapshot] = []
        for stored in snapshots.reversed() {
            let group = [stored.snapshot.hostname] + stored.snapshot.paths.sorted()
            seen[group, default: 0] += 1
            if seen[group, default: 0] <= count { kept.append(stored) }
        }
        return kept.reversed()
    }
}
