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
              martlet repo snapshots --group-by host --compact
              martlet repo snapshots 574d2b23
            """
    )

    @Argument(help: ArgumentHelp("Only these, by the beginning of their ids, or 'latest'.", valueName: "snapshot"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Only the newest of each host and set of paths, or of each group.", valueName: "count"))
    var latest: Int?

    @Option(
        name: [.customShort("g"), .long],
        help: ArgumentHelp("List those together that have this in common.", valueName: "host,paths,tags"))
    var groupBy: String?

    @Flag(name: [.customShort("c"), .long], help: "Without the paths.")
    var compact = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if let latest, latest < 1 { throw ValidationError("--latest is 1 or more") }
        if let groupBy, SnapshotGrouping(groupBy) == nil {
            throw ValidationError("--group-by is made of host, paths and tags")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let (found, unreadable) = try await access.locked(repository, reading.noLock ? nil : .shared) {
            try await list(repository, filter)
        }
        if let grouping = groupBy.flatMap({ SnapshotGrouping($0) }), !grouping.isNone {
            show(grouping.groups(latest.map { newest($0, of: found, grouping) } ?? found), grouping, context.console)
        } else {
            show(latest.map { newest($0, of: found, SnapshotGrouping()) } ?? found, context.console)
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

    /// The newest `count` of each group; the order stays.
    private func newest(
        _ count: Int, of snapshots: [StoredSnapshot], _ grouping: SnapshotGrouping
    ) -> [StoredSnapshot] {
        var seen: [SnapshotGroupKey: Int] = [:]
        var kept: [StoredSnapshot] = []
        for stored in snapshots.reversed() {
            let key = grouping.key(stored.snapshot)
            seen[key, default: 0] += 1
            if seen[key, default: 0] <= count { kept.append(stored) }
        }
        return kept.reversed()
    }

    private func show(_ snapshots: [StoredSnapshot], _ console: Console) {
        if access.json {
            console.line(JSONLine.array(snapshots.map { SnapshotText.json($0).text }))
        } else if snapshots.isEmpty {
            console.note("There are no such snapshots.")
        } else {
            console.write(SnapshotText.table(snapshots, showsPaths: !compact))
        }
    }

    private func show(
        _ groups: [(key: SnapshotGroupKey, snapshots: [StoredSnapshot])], _ grouping: SnapshotGrouping,
        _ console: Console
    ) {
        if access.json {
            let texts = groups.map { group in
                var line = JSONLine()
                line.add("group_key", json: SnapshotText.json(group.key).text)
                line.add("snapshots", json: JSONLine.array(group.snapshots.map { SnapshotText.json($0).text }))
                return line.text
            }
            return console.line(JSONLine.array(texts))
        }
        if groups.isEmpty { console.note("There are no such snapshots.") }
        for (place, group) in groups.enumerated() {
            if place > 0 { console.line("") }
            console.line(SnapshotText.title(group.key, grouping))
            console.write(SnapshotText.table(group.snapshots, showsPaths: !compact))
        }
    }
}

extension SnapshotText {
    /// `snapshots for host 'h', paths /srv/data`
    static func title(_ key: SnapshotGroupKey, _ grouping: SnapshotGrouping) -> String {
        var parts: [String] = []
        if grouping.byHost { parts.append("host '\(key.hostname)'") }
        if grouping.byPaths { parts.append("paths \(key.paths.joined(separator: " "))") }
        if grouping.byTags { parts.append("tags '\(key.tags.joined(separator: ","))'") }
        return PlainText.printable("snapshots for \(parts.joined(separator: ", "))", keepingLines: false)
    }

    /// restic's object.
    static func json(_ key: SnapshotGroupKey) -> JSONLine {
        func array(_ texts: [String]) -> String {
            texts.isEmpty ? "null" : JSONLine.array(texts.map(JSONLine.string))
        }
        var line = JSONLine()
        line.add("hostname", key.hostname)
        line.add("paths", json: array(key.paths))
        line.add("tags", json: array(key.tags))
        return line
    }
}

extension SnapshotGrouping {
    /// One group of all.
    var isNone: Bool { !byHost && !byPaths && !byTags }
}
