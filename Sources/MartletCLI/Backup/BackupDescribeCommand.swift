import ArgumentParser
import Basics
import ClusterBackup
import VeleroAPI

struct BackupDescribeCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Say everything about backups: filters, outcome, warnings and errors, volumes.",
        discussion: """
            Examples:
              martlet backup describe nightly --from ./backups
              martlet backup describe nightly --details --from ./backups
            """
    )

    @Argument(help: "The backups; default all.")
    var names: [String] = []

    @OptionGroup var source: SourceOptions

    @Flag(help: "Also every object by name.")
    var details = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        var wanted = try names.map { try BackupNaming.name($0) }
        let backups = StoredBackups(try await context.openStore(try source.url(), false))
        if wanted.isEmpty { wanted = try await backups.list().compactMap { $0.backup == nil ? nil : $0.name } }
        var status = ExitStatus.done
        for (index, name) in wanted.enumerated() {
            let found = try await backups.details(name)
            if index > 0 { context.console.write("\n\n") }
            context.console.write(text(found))
            for problem in found.problems { context.console.note("warning: \(ErrorChain.line(problem))") }
            if !found.problems.isEmpty || found.archiveSize == nil { status = .damaged }
        }
        return status
    }

    private func text(_ found: BackupDetails) -> String {
        var outline = Outline()
        let description = BackupDescription(backup: found.backup)
        description.write(to: &outline)
        outline.add(messages: found.results.warnings, title: "Warnings")
        outline.add(messages: found.results.errors, title: "Errors")
        outline.blank()
        description.writeSelection(to: &outline)
        outline.blank()
        description.writeOutcome(to: &outline)
        outline.add(
            "Archive", found.archiveSize.map(\.description) ?? "MISSING: nothing can be restored from this backup")
        outline.add("Size in the store", found.totalSize.description)
        if details { outline.add(resources: found.resources, title: "Resource List") }
        outline.add(volumes: found.volumes, podVolumes: found.podVolumeBackups, details: details)
        return outline.rendered
    }
}
