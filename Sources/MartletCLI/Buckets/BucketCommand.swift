import ArgumentParser

/// `martlet bucket`: the noun of the verbs below.
struct BucketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bucket",
        abstract: "Look into stores, copy between them and this machine, remove.",
        discussion: """
            A place is ALIAS/BUCKET/KEY (see 'martlet alias'), 's3://BUCKET/KEY?endpoint=https://HOST:PORT',
            or a path of this machine. What begins with the name of an alias is in that store; write ./NAME
            for a folder of that name. In keys '*' and '?' stand for any letters but '/', '**' for those
            too; a backslash before one takes it as it is. As with mc the noun may be left out:
            'martlet ls', 'martlet cp' and so on.

            Examples:
              martlet bucket ls backup
              martlet bucket ls backup/radar-base-backups/backups/
              martlet bucket cp backup/radar-base-backups/backups/NAME/NAME.tar.gz .
              martlet bucket du --depth 1 backup/radar-output-storage
            """,
        subcommands: [
            BucketListCommand.self, BucketCopyCommand.self, BucketCatCommand.self, BucketStatCommand.self,
            BucketUsageCommand.self, BucketRemoveCommand.self, BucketMakeCommand.self, BucketUnmakeCommand.self,
            BucketDiffCommand.self, BucketRestoreCommand.self,
        ]
    )
}
