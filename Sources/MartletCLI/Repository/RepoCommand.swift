import ArgumentParser

/// `martlet repo`: the repository of restic's format by hand. Flags, variables and JSON are restic's where it has them.
struct RepoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repo",
        abstract: "Look into repositories of restic's format, and work on them.",
        discussion: """
            A repository holds the contents of volumes: encrypted, every piece once. Velero and restic write this format, and
            read what Martlet writes. The store is named with --repo or RESTIC_REPOSITORY, the password comes from
            RESTIC_PASSWORD, RESTIC_PASSWORD_FILE or RESTIC_PASSWORD_COMMAND, or is asked for.

            Examples:
              export RESTIC_PASSWORD_FILE=/root/repository-password
              martlet repo snapshots --repo 's3://BUCKET/restic/NAMESPACE?endpoint=https://HOST:PORT'
              martlet repo ls latest --repo ./backups/restic/demo
              martlet repo restore latest --target /srv/data
              martlet repo backup /srv/data --repo /srv/repository
            """,
        subcommands: [
            RepoInitCommand.self, RepoBackupCommand.self, RepoSnapshotsCommand.self, RepoLsCommand.self,
            RepoFindCommand.self, RepoDiffCommand.self, RepoDumpCommand.self, RepoRestoreCommand.self,
            RepoForgetCommand.self, RepoPruneCommand.self, RepoCheckCommand.self, RepoRepairCommand.self,
            RepoRecoverCommand.self, RepoTagCommand.self, RepoCopyCommand.self, RepoStatsCommand.self,
            RepoCatCommand.self, RepoListCommand.self, RepoKeyCommand.self, RepoUnlockCommand.self,
        ]
    )
}
