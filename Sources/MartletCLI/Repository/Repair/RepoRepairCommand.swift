import ArgumentParser

/// `martlet repo repair`: what can be done about damage.
struct RepoRepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Repair the index, damaged packs, and snapshots that lost something.",
        discussion: """
            'martlet repo check' says what is damaged and which of these helps. In this order: save what damaged packs still
            hold, repair the index, back up again what is still there, and only then repair the snapshots.

            Examples:
              martlet repo repair index
              martlet repo repair packs c4f04f06
              martlet repo repair snapshots --dry-run
            """,
        subcommands: [
            RepoRepairIndexCommand.self, RepoRepairPacksCommand.self, RepoRepairSnapshotsCommand.self,
        ]
    )
}
