import ArgumentParser
import Basics
import ClusterBackup
import VeleroAPI

struct RestoreDescribeCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Say everything about restores: filters, outcome, warnings and errors.",
        discussion: """
            Examples:
              martlet restore describe nightly-20261122105825 --from ./backups
              martlet restore describe nightly-20261122105825 --details --from ./backups
            """
    )

    @Argument(help: "The restores; default all.")
    var names: [String] = []

    @OptionGroup var source: SourceOptions

    @Flag(help: "Also every object by name, with what became of it.")
    var details = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let restores = StoredRestores(try await context.openStore(try source.url(), false))
        var wanted = try names.map { try BackupNaming.restoreName($0) }
        if wanted.isEmpty { wanted = try await restores.list().map { try BackupNaming.restoreName($0.name) } }
        for (index, name) in wanted.enumerated() {
            let found = try await restores.details(name)
            var outline = Outline()
            let description = RestoreDescription(restore: found.restore)
            description.writeIdentity(to: &outline)
            outline.add(messages: found.results.warnings, title: "Warnings")
            outline.add(messages: found.results.errors, title: "Errors")
            description.writeSelection(to: &outline)
            if details { outline.add(resources: found.resources, title: "Resource List") }
            if index > 0 { context.console.write("\n\n") }
            context.console.write(outline.rendered)
        }
        return .done
    }
}
