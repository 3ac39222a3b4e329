import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoPruneCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Free what no snapshot needs.",
        discussion: """
            May be interrupted at any moment: what was not finished is done by the next run.

            Examples:
              martlet repo prune --dry-run
              martlet repo prune --max-unused 10%
              martlet repo prune --max-unused 0 --max-repack-size 5G
            """
    )

    @OptionGroup var limits: PruneLimits

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup var writing: WritingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let options = try limits.options(packBytes: writing.packBytes(context))
        let repository = try await access.open(context)
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        return try await access.locked(repository, dryRun ? nil : .exclusive) {
            try await PruneText(isDryRun: dryRun, isJSON: access.json, console: context.console)
                .run(repository, options, ignoring: [], progress)
            return .done
        }
    }
}
