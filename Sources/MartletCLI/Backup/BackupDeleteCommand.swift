import ArgumentParser
import Basics
import ClusterBackup
import ObjectStorage
import VeleroAPI

struct BackupDeleteCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete backups from a store, after showing what goes.",
        discussion: """
            Examples:
              martlet backup delete nightly --from ./backups --dry-run
              martlet backup delete nightly --from ./backups
              martlet backup delete nightly --from ./backups --yes
            """
    )

    @Argument(help: "The backups.")
    var names: [String]

    @OptionGroup var source: SourceOptions

    @Flag(name: [.customLong("yes"), .customLong("confirm")], help: "Do not ask.")
    var saysYes = false

    @Flag(help: "Also one that is under way or was interrupted.")
    var force = false

    @Flag(help: "Print what would be deleted, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let wanted = try names.map { try BackupNaming.name($0) }
        let store = try await context.openStore(try source.url(), false)
        let backups = StoredBackups(store)
        var plans: [BackupDeletion] = []
        for name in wanted { plans.append(try await backups.planDeletion(of: name)) }
        for plan in plans { show(plan, on: context.console) }
        if dryRun {
            context.console.line("Dry run: nothing was deleted.")
            return .done
        }
        try refuseUnfinished(plans)
        let files = plans.reduce(0) { $0 + $1.keys.count }
        try Confirmation.obtain(
            "Delete \(counted(plans.count, "backup")), \(counted(files, "file")), from \(store.location)?",
            saidYes: saysYes, console: context.console)
        for plan in plans {
            try await backups.delete(plan, evenIfUnfinished: force)
            context.console.line("Backup \"\(plan.name)\" deleted.")
        }
        return .done
    }

    /// What is no whole backup may be one that somebody is making just now.
    private func refuseUnfinished(_ plans: [BackupDeletion]) throws {
        guard !force, let plan = plans.first(where: { !$0.isFinished }) else { return }
        throw CommandError.usage(
            "'\(plan.name)' is no whole backup: it is under way, or was interrupted",
            advice: "If nobody is making it just now, say --force: the same command clears it away.")
    }

    private func show(_ plan: BackupDeletion, on console: Console) {
        let phase = plan.backup?.phase.rawValue ?? "not whole"
        var line = "backup \(plan.name) (\(phase)): \(counted(plan.keys.count, "file")), \(plan.totalSize)"
        if !plan.restores.isEmpty {
            line +=
                ", with the records of \(counted(plan.restores.count, "restore")): "
                + plan.restores.map(\.text).joined(separator: ", ")
        }
        if plan.volumeSnapshots > 0 {
            line += "; the data of \(counted(plan.volumeSnapshots, "volume")) stays in the repository"
        }
        console.note(line)
    }
}
