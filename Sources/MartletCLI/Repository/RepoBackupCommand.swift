import ArgumentParser
import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

struct RepoBackupCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Save files and folders of this machine as a snapshot.",
        discussion: """
            Files that have not changed since the last snapshot of the same paths are not read again. What cannot be read is
            named and left out; the rest is saved, and the exit code is 3.

            Examples:
              martlet repo backup /srv/data
              martlet repo backup . --tag nightly --exclude '*.tmp' --one-file-system
              martlet repo backup /srv/data --dry-run
            """
    )

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"))
    var targets: [String]

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp("Leave out what matches; repeatable.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp("Leave out folders with this file, NAME or NAME:HEADER; repeatable.", valueName: "file"))
    var excludeIfPresent: [String] = []

    @Flag(help: "Leave out folders that are marked as caches.")
    var excludeCaches = false

    @Flag(name: [.customShort("x"), .long], help: "Stay on the file systems of the paths.")
    var oneFileSystem = false

    @Option(help: ArgumentHelp("Tags of the snapshot; repeatable.", valueName: "tag,…"))
    var tag: [NameList] = []

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("The host to note in the snapshot; else RESTIC_HOST, else this one.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("The time to note in the snapshot, as RFC 3339.", valueName: "time"))
    var time: String?

    @Option(help: ArgumentHelp("The snapshot to compare with.", valueName: "snapshot"))
    var parent: String?

    @Flag(name: [.customShort("f"), .long], help: "Read everything, whatever has changed.")
    var force = false

    @Flag(help: "Do not compare inode numbers, which some file systems give anew.")
    var ignoreInode = false

    @Flag(help: "Do not compare times of change.")
    var ignoreCtime = false

    @Flag(help: "Keep times of access.")
    var withAtime = false

    @Flag(help: "Make no snapshot if nothing has changed.")
    var skipIfUnchanged = false

    @Option(help: ArgumentHelp("How hard to compress.", valueName: "auto|off|fastest|better|max"))
    var compression: String?

    @Flag(name: [.customShort("n"), .long], help: "Read, and say what would be stored, but store nothing.")
    var dryRun = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if targets.isEmpty { throw ValidationError("what to back up? A path is missing") }
        if let compression, CompressionMode(rawValue: compression) == nil {
            throw ValidationError("--compression is one of: auto, off, fastest, better, max")
        }
        if let time, Timestamp(time) == nil { throw ValidationError("--time is as 2026-11-22T10:00:00Z") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let base = try backupOptions(context)
        OpenFileLimit.raise()
        return try await access.locked(repository, dryRun ? nil : .shared, startsEarly: true) {
            var options = base
            // Snapshots before the index: then the index has what they need.
            options.parent = try await chooseParent(repository, options)
            let indexed = try await repository.loadIndex()
            let report = BackupProgressReport(context, isJSON: access.json, isDryRun: dryRun)
            let backup = TreeBackup(indexed, options: options, clock: context.wallClock, observer: report.observe)
            report.begin(options.parent)
            let paths = targets.map { LocalPath($0) }
            let outcome = try await report.following(backup.progress) { try await backup.run(paths) }
            report.finish(outcome)
            return outcome.isComplete ? .done : .partlyFailed
        }
    }

    private func backupOptions(_ context: CommandContext) throws -> BackupOptions {
        var options = BackupOptions()
        options.rules.lists = [try PatternList(exclude)]
        for marker in excludeIfPresent { options.rules.markers.append(try ExcludeRules.Marker(marker)) }
        if excludeCaches { options.rules.markers.append(.cacheFolder) }
        options.rules.staysOnFileSystem = oneFileSystem
        options.detection = ChangeDetection(ignoresInode: ignoreInode, ignoresChangeTime: ignoreCtime)
        options.keepsAccessTime = withAtime
        options.isDryRun = dryRun
        options.skipsIfUnchanged = skipIfUnchanged
        options.workingFolder = try LocalPath.workingFolder()
        let variable = context.environment["RESTIC_COMPRESSION"]
        if let mode = (compression ?? variable).flatMap({ CompressionMode(rawValue: $0) }) {
            options.writer.compression = mode
        }
        options.labels = labels(context)
        return options
    }

    private func labels(_ context: CommandContext) -> SnapshotLabels {
        let owner = context.repositoryHost.owner
        var labels = SnapshotLabels()
        labels.hostname = host ?? context.environment["RESTIC_HOST"].flatMap { $0.isEmpty ? nil : $0 } ?? owner.hostname
        labels.username = owner.username
        labels.userID = owner.uid
        labels.groupID = owner.gid
        labels.tags = tag.names
        labels.excludes = exclude
        labels.programVersion = "martlet \(Version.text)"
        labels.time = time.flatMap { Timestamp($0) }
        return labels
    }

    private func chooseParent(_ repository: Repository, _ options: BackupOptions) async throws -> ParentSnapshot? {
        if let parent {
            let stored = try await repository.snapshot(named: parent)
            return ParentSnapshot(id: stored.id, tree: stored.snapshot.tree)
        }
        if force { return nil }
        let paths = targets.map { LocalPath($0).absolute(from: options.workingFolder) }
        var new = SnapshotFile(
            time: NodeTime(seconds: .max), tree: ResticID(0, 0, 0, 0),
            paths: paths.map { String(decoding: $0.bytes, as: UTF8.self) })
        new.hostname = options.labels.hostname
        let candidates = try await repository.listSnapshots().snapshots.map { (id: $0.id, snapshot: $0.snapshot) }
        return ParentChoice().parent(of: new, among: candidates)
    }
}
