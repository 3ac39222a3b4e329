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
              martlet repo backup --files-from /etc/backup-list --exclude-file /etc/backup-excludes --dry-run
              pg_dump app | martlet repo backup --stdin --stdin-filename app.sql
              martlet repo backup --stdin-from-command --stdin-filename app.sql -- pg_dump app
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Files and folders; with --stdin-from-command a program and its arguments.", valueName: "path"))
    var targets: [String] = []

    @OptionGroup(title: "What is saved") var choice: BackupChoiceOptions

    @Option(help: ArgumentHelp("Tags of the snapshot; repeatable.", valueName: "tag,…"))
    var tag: [NameList] = []

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("The host to note in the snapshot; else RESTIC_HOST, else this one.", valueName: "name"))
    var host: String?

    @Option(
        help: ArgumentHelp(
            "The time to note in the snapshot: RFC 3339, or '2026-11-22 10:00:00' of here.", valueName: "time"))
    var time: String?

    @OptionGroup(title: "Comparing") var comparing: BackupComparisonOptions

    @Flag(help: "Keep times of access.")
    var withAtime = false

    @Flag(help: "Do not count beforehand what there is to do: progress has no end then.")
    var noScan = false

    @Option(help: ArgumentHelp("How many files are read at once; else RESTIC_READ_CONCURRENCY.", valueName: "count"))
    var readConcurrency: Int?

    @Flag(name: [.customShort("n"), .long], help: "Read, and say what would be stored, but store nothing.")
    var dryRun = false

    @OptionGroup var writing: WritingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if let time, LocalTime.instant(time, zoneOffset: { _ in 0 }) == nil {
            throw ValidationError("--time is as 2026-11-22T10:00:00Z, or as '2026-11-22 10:00:00'")
        }
        try choice.validate(targets: targets)
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let base = try backupOptions(context)
        let source = try choice.source(targets, context, from: base.workingFolder)
        let repository = try await access.open(context)
        OpenFileLimit.raise()
        return try await access.locked(repository, dryRun ? nil : .shared, startsEarly: true) {
            var options = base
            // Snapshots before the index: then the index has what they need.
            options.parent = try await comparing.parent(for: source, options, in: repository, context.wallClock.now())
            let indexed = try await repository.loadIndex()
            let report = BackupProgressReport(context, access: access, isDryRun: dryRun)
            let backup = TreeBackup(indexed, options: options, clock: context.wallClock, observer: report.observe)
            report.begin(options.parent, compares: source.paths != nil)
            let outcome = try await report.following(backup.progress, counting: scan(source, options)) {
                try await source.run(backup)
            }
            report.finish(outcome)
            return outcome.isComplete ? .done : .partlyFailed
        }
    }

    /// Counts what there is to do; nil if nobody would see it.
    private func scan(_ source: BackupSource, _ options: BackupOptions) -> (@Sendable () -> TreeScan.Total)? {
        guard !noScan, let paths = source.paths else { return nil }
        let scan = TreeScan(rules: options.rules, workingFolder: options.workingFolder)
        return { scan.total(of: paths) }
    }

    private func backupOptions(_ context: CommandContext) throws -> BackupOptions {
        var options = BackupOptions()
        options.workingFolder = try LocalPath.workingFolder()
        options.rules = try choice.rules(context)
        options.detection = comparing.detection(context)
        options.keepsAccessTime = withAtime
        options.isDryRun = dryRun
        options.skipsIfUnchanged = comparing.skipIfUnchanged
        options.writer = try writing.options(context)
        if let readers = readConcurrency ?? context.environment["RESTIC_READ_CONCURRENCY"].flatMap({ Int($0) }) {
            guard (1...64).contains(readers) else { throw CommandError.usage("--read-concurrency is from 1 to 64") }
            options.workers = readers
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
        labels.excludes = choice.exclude
        labels.programVersion = "martlet \(Version.text)"
        labels.time = time.flatMap { LocalTime.instant($0, zoneOffset: context.repositoryHost.zoneOffset) }
        return labels
    }
}

/// Times as restic takes them for a snapshot.
enum LocalTime {
    /// RFC 3339, or `2026-11-22 10:00:00` by the clocks here. Nil for anything else.
    static func instant(_ text: String, zoneOffset: (Timestamp) -> Int32) -> Timestamp? {
        if let instant = Timestamp(text) { return instant }
        guard let local = Timestamp(text + "Z") else { return nil }
        // The offset of about that time: in the hours around a change of clocks it may be the neighbour's.
        return local + .seconds(-Int64(zoneOffset(local)))
    }
}
