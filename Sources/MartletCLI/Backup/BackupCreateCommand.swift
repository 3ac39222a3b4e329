import ArgumentParser
import KubernetesModel
import VeleroAPI

struct BackupCreateCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Back up a cluster's API objects into a store.",
        discussion: """
            Examples:
              martlet backup create nightly --direct --to ./backups
              martlet backup create study --direct --to ./backups --include-namespaces 'study-*'
              martlet backup create nightly --direct \\
                --to 's3://BUCKET?endpoint=https://HOST:PORT&region=us-east-1&path-style=true'
              martlet backup create nightly --direct --to ./backups --dry-run
              martlet backup create nightly -o yaml    # prints the Backup object and does nothing
            """
    )

    @Argument(help: "The name of the backup; must not exist in the store.")
    var name: String

    @Option(name: .customLong("to"), help: ArgumentHelp("The store to write to.", valueName: "store"))
    var target: String?

    @OptionGroup var work: DirectOptions
    @OptionGroup(title: "What to back up") var filters: BackupFilterOptions
    @OptionGroup(title: "How") var options: BackupCreateOptions
    @OptionGroup(title: "Output") var output: ObjectOutputOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let backup = try makeBackup(environment: context.environment)
        if let format = output.format {
            context.console.write(format.text(backup.json))
            return .done
        }
        try work.require(
            "martlet backup create", example: "martlet backup create \(name) --direct --to ./backups")
        return .failed
    }

    /// The object that these flags describe.
    func makeBackup(environment: [String: String]) throws -> Backup {
        guard BackupName(name) != nil else {
            throw CommandError.usage(
                "'\(name)' cannot name a backup",
                advice: "A name has lower-case letters, digits, '-' and '.', begins and ends with a letter or a digit.")
        }
        var spec = BackupSpec()
        try filters.apply(to: &spec)
        options.apply(to: &spec)
        var backup = Backup(
            name: name, namespace: cluster.serviceNamespace(environment: environment), spec: spec)
        backup.labels = options.labels.pairs
        backup.annotations = options.annotations.pairs
        return backup
    }
}
