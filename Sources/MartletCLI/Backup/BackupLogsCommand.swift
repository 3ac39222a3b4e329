import ArgumentParser
import ClusterBackup

struct BackupLogsCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the log of a backup.",
        discussion: """
            Examples:
              martlet backup logs nightly --from ./backups
              martlet backup logs nightly --from ./backups | grep level=error
            """
    )

    @Argument(help: "The backup.")
    var name: String

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let name = try BackupNaming.name(name)
        let store = try await context.openStore(try source.url(), false)
        context.console.write(try await StoredBackups(store).log(name))
        return .done
    }
}
