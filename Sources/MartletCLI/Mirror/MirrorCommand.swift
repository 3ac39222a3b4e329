import ArgumentParser

/// `martlet mirror`: a pass or a service, and what belongs to it.
struct MirrorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Keep a second bucket or folder complete, once or for ever.",
        discussion: """
            Flags are those of 'mc mirror'; 'martlet mirror run --help' lists them. Other than with mc,
            copies are compared by size and content, nothing is deleted at the target unless --remove is
            said, and an incomplete run has an exit code that is not 0.

            Examples:
              martlet mirror --overwrite local/radar-output-storage backup/radar-output-storage
              martlet mirror --overwrite --watch --md5 local/radar-output-storage backup/radar-output-storage
              martlet mirror --config mirrors.yaml --watch --listen 0.0.0.0:8080
              martlet mirror verify local/radar-output-storage backup/radar-output-storage
            """,
        subcommands: [
            MirrorRunCommand.self, MirrorVerifyCommand.self, MirrorHistoryCommand.self, MirrorThinCommand.self,
        ],
        defaultSubcommand: MirrorRunCommand.self
    )
}
