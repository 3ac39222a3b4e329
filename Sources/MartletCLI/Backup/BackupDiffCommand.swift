import ArgumentParser
import Basics
import ClusterBackup
import VeleroAPI

struct BackupDiffCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare a backup with the cluster, or with another backup, object by object.",
        discussion: """
            What a restore resets by design (uids, resource versions, status, addresses that a cluster hands out) does not
            count as a difference. Exit code 3 if anything is missing or differs.

            Examples:
              martlet backup diff nightly --from ./backups
              martlet backup diff nightly --from ./backups --include-namespaces study --details
              martlet backup diff monday tuesday --from ./backups
            """
    )

    @Argument(help: "The backup.")
    var name: String

    @Argument(help: "Another backup to compare with; default the cluster.")
    var other: String?

    @OptionGroup var source: SourceOptions

    @Option(help: ArgumentHelp("Only objects of these namespaces.", valueName: "names"))
    var includeNamespaces: [NameList] = []

    @Flag(help: "Name every object, equal ones too.")
    var details = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let backup = try BackupNaming.name(name)
        let otherBackup = try other.map { try BackupNaming.name($0) }
        let store = try await context.openStore(try source.url(), false)
        let backups = StoredBackups(store)
        let archive = try await backups.openArchive(backup, temporaryFolder: context.temporaryFolder)
        defer { archive.close() }
        var tally = DiffTally(showsEqual: details)
        if let otherBackup {
            let second = try await backups.openArchive(otherBackup, temporaryFolder: context.temporaryFolder)
            defer { second.close() }
            try ArchiveDiff(first: archive, second: second, namespaces: Set(includeNamespaces.names)).run(&tally)
        } else {
            let client = try await context.connect(cluster)
            let diff = ClusterDiff(
                context: context, client: client, store: store, archive: archive, backup: backup,
                namespaces: includeNamespaces.names)
            try await diff.run(&tally)
        }
        tally.show(on: context.console, against: other.map { "backup \"\($0)\"" } ?? "the cluster")
        return tally.isSame ? .done : .partlyFailed
    }
}
