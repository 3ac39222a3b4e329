import ArgumentParser
import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

/// What a backup compares with, and how, by restic's flags.
struct BackupComparisonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The snapshot to compare with.", valueName: "snapshot"))
    var parent: String?

    @Option(
        name: [.customShort("g"), .long],
        help: ArgumentHelp(
            "In what the snapshot to compare with must agree; '' for nothing.", valueName: "host,paths,tags"))
    var groupBy = "host,paths"

    @Flag(name: [.customShort("f"), .long], help: "Read everything, whatever has changed.")
    var force = false

    @Flag(help: "Do not compare inode numbers, nor times of change; else RESTIC_IGNORE_INODE.")
    var ignoreInode = false

    @Flag(help: "Do not compare times of change; else RESTIC_IGNORE_CTIME.")
    var ignoreCtime = false

    @Flag(help: "Make no snapshot if nothing has changed.")
    var skipIfUnchanged = false

    func validate() throws {
        if SnapshotGrouping(groupBy) == nil { throw ValidationError("--group-by is made of host, paths and tags") }
    }

    func detection(_ context: CommandContext) -> ChangeDetection {
        func isSet(_ name: String) -> Bool {
            ["1", "t", "true"].contains(context.environment[name]?.lowercased() ?? "")
        }
        return ChangeDetection(
            ignoresInode: ignoreInode || isSet("RESTIC_IGNORE_INODE"),
            ignoresChangeTime: ignoreCtime || isSet("RESTIC_IGNORE_CTIME"))
    }

    /// The snapshot that changes are detected against; nil for none.
    func parent(
        for source: BackupSource, _ options: BackupOptions, in repository: Repository, _ now: Timestamp
    ) async throws -> ParentSnapshot? {
        guard let paths = source.paths, !force else { return nil }
        if let parent {
            let stored = try await repository.snapshot(named: parent)
            return ParentSnapshot(id: stored.id, tree: stored.snapshot.tree)
        }
        let grouping = SnapshotGrouping(groupBy) ?? SnapshotGrouping()
        var members: Set<ParentChoice.Member> = []
        if grouping.byHost { members.insert(.host) }
        if grouping.byPaths { members.insert(.paths) }
        if grouping.byTags { members.insert(.tags) }
        var new = SnapshotFile(
            time: NodeTime(options.labels.time ?? now, zoneOffset: 0), tree: ResticID(0, 0, 0, 0),
            paths: paths.map { String(decoding: $0.absolute(from: options.workingFolder).bytes, as: UTF8.self) })
        new.hostname = options.labels.hostname
        new.tags = options.labels.tags
        let candidates = try await repository.listSnapshots().snapshots.map { (id: $0.id, snapshot: $0.snapshot) }
        return ParentChoice(grouping: members).parent(of: new, among: candidates)
    }
}
