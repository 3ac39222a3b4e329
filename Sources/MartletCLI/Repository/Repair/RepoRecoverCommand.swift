import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoRecoverCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Make a snapshot of all folders that no snapshot holds any more.",
        discussion: """
            For when snapshots were lost or forgotten by mistake, and nothing was pruned since. The index is repaired first;
            each root that no snapshot has becomes a folder of the new snapshot, which has the tag 'recovered'.

            Examples:
              martlet repo recover --dry-run
              martlet repo recover
            """
    )

    @Flag(name: [.customShort("n"), .long], help: "Say whether there is something to recover, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context, rehearsing: dryRun)
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        let id = try await access.locked(repository, dryRun ? nil : .exclusive) {
            if !dryRun { _ = try await repository.repairIndex(report: progress.show) }
            return try await repository.recover()
        }
        progress.finish()
        guard access.json else {
            context.console.line(
                id.map { dryRun ? "there are folders to recover" : "saved new snapshot \($0.shortDescription)" }
                    ?? "there is nothing to recover: every folder belongs to a snapshot")
            return .done
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("found", id != nil)
        if let id, !dryRun { line.add("snapshot_id", id.description) }
        context.console.line(line.text)
        return .done
    }
}
