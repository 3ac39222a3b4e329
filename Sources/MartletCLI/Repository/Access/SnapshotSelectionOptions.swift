import ArgumentParser
import ResticRepository

/// Which snapshots: `--host`, `--tag` and `--path`, as restic has them.
struct SnapshotSelectionOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .customLong("host")],
        help: ArgumentHelp("Only snapshots of this host; repeatable; else RESTIC_HOST.", valueName: "name"))
    var hosts: [String] = []

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "Only snapshots with all these tags; repeat it for another choice; '' for those without tags.",
            valueName: "tag,…"))
    var tags: [String] = []

    @Option(
        name: .customLong("path"),
        help: ArgumentHelp("Only snapshots that have this path; repeatable.", valueName: "path"))
    var paths: [String] = []

    /// What `names` mean, in their order; without names all that the filter lets through, the oldest first.
    ///
    /// - Throws: `.notFound` for a name that means nothing; `.damaged` if a snapshot cannot be read.
    func snapshots(
        _ names: [String], of repository: Repository, _ context: CommandContext
    ) async throws -> [StoredSnapshot] {
        let filter = filter(context)
        guard !names.isEmpty else { return try await repository.snapshots().filter { filter.matches($0.snapshot) } }
        var named: [StoredSnapshot] = []
        for name in names {
            let stored = try await repository.snapshot(named: name, filter: filter)
            if !named.contains(where: { $0.id == stored.id }) { named.append(stored) }
        }
        return named
    }

    /// An empty host turns the variable off.
    func filter(_ context: CommandContext) -> SnapshotFilter {
        SnapshotFilter { filter in
            filter.hosts = hosts.filter { !$0.isEmpty }
            if hosts.isEmpty, let host = context.environment["RESTIC_HOST"], !host.isEmpty { filter.hosts = [host] }
            filter.tags = tags.map { $0.split(separator: ",").map { String($0).trimmed } }
            filter.paths = paths
        }
    }
}
