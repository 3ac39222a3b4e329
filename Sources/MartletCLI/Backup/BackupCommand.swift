import ArgumentParser

/// `martlet backup`: the noun of the verbs below.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make backups of a cluster's API objects, look at them, delete them.",
        discussion: """
            Examples:
              martlet backup create nightly --direct --to ./backups
              martlet backup get --from ./backups
              martlet backup describe nightly --details --from ./backups
            """,
        subcommands: [
            BackupCreateCommand.self, BackupGetCommand.self, BackupDescribeCommand.self, BackupLogsCommand.self,
            BackupDiffCommand.self, BackupDownloadCommand.self, BackupExtractCommand.self, BackupDeleteCommand.self,
        ]
    )
}
