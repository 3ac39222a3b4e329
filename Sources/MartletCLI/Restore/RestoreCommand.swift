import ArgumentParser

/// `martlet restore`: the noun of the verbs below.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring objects back from a backup, and look at what came back.",
        discussion: """
            Examples:
              martlet restore create --from-backup nightly --direct --from ./backups --dry-run
              martlet restore create --from-backup nightly --direct --from ./backups
              martlet restore get --from ./backups
              martlet restore files --from-backup nightly --from ./backups
            """,
        subcommands: [
            RestoreCreateCommand.self, RestoreGetCommand.self, RestoreDescribeCommand.self, RestoreLogsCommand.self,
            RestoreFilesCommand.self,
        ]
    )
}
