import ArgumentParser

/// The root of all commands.
struct MartletCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Back up a Kubernetes cluster, and bring it back.",
        discussion: """
            Backups are kept in a folder or in a bucket, in Velero's layout. A store is written as a URL:
              file:///srv/backups   ./backups   's3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=us-east-1'
            or with the name of a server and its keys, of 'martlet alias set' or of mc: ALIAS/BUCKET/PREFIX

            Examples:
              martlet backup create nightly --direct --to ./backups
              martlet backup describe nightly --from ./backups
              martlet restore create --from-backup nightly --direct --from ./backups --dry-run
              martlet backup diff nightly --from ./backups

            Exit codes:
            \(ExitStatus.allCases.map { "  \(padded: $0.rawValue) \($0.meaning)" }.joined(separator: "\n"))
            """,
        version: Version.text,
        subcommands: [
            BackupCommand.self, RestoreCommand.self, RepoCommand.self, MirrorCommand.self, BucketCommand.self,
            AliasCommand.self, NodeAgentCommand.self, RestoreHelperCommand.self, VolumeKeyCommand.self,
            VersionCommand.self,
        ]
    )
}

extension DefaultStringInterpolation {
    fileprivate mutating func appendInterpolation(padded number: Int32) {
        let digits = String(number)
        appendLiteral(digits + String(repeating: " ", count: 4 - digits.count))
    }
}
