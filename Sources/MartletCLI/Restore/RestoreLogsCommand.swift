import ArgumentParser
import ClusterBackup

struct RestoreLogsCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the log of a restore.",
        discussion: """
            Examples:
              martlet restore logs nightly-20261122105825 --from ./backups
            """
    )

    @Argument(help: "The restore.")
    var name: String

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let name = try BackupNaming.restoreName(name)
        let store = try await context.openStore(try source.url(), false)
        context.console.write(try await StoredRestores(store).log(name))
        return .done
    }
}
