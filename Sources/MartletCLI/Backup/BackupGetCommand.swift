import ArgumentParser
import Basics
import ClusterBackup
import KubernetesModel
import ObjectStorage
import VeleroAPI

struct BackupGetCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "List the backups in a store.",
        discussion: """
            Examples:
              martlet backup get --from ./backups
              martlet backup get nightly -o yaml --from ./backups
              martlet backup get -l velero.io/schedule-name=daily --from ./backups
            """
    )

    @Argument(help: "Only these backups.")
    var names: [String] = []

    @OptionGroup var source: SourceOptions

    @Option(
        name: [.customShort("l", allowingJoined: true), .customLong("selector")],
        help: ArgumentHelp("Only backups with these labels.", valueName: "selector"))
    var selector: String?

    @OptionGroup var output: ListOutputOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let wanted = try names.map { try BackupNaming.name($0) }
        let filter = try selector.map { try SelectorOptions.parse($0) }
        let store = try await context.openStore(try source.url(), false)
        var entries = try await StoredBackups(store).list()
        if let missing = wanted.first(where: { name in !entries.contains { $0.name == name } }) {
            throw CommandError(
                .notFound, "no backup '\(missing)' in \(store.location)",
                advice: [BackupNaming.others(entries.map(\.name.text), than: missing.text)])
        }
        if !wanted.isEmpty { entries = entries.filter { wanted.contains($0.name) } }
        if let filter { entries = entries.filter { $0.backup.map { filter.matches($0.labels) } ?? false } }
        print(entries, isSingle: names.count == 1, context)
        return tellProblems(of: entries, on: context.console)
    }

    private func print(_ entries: [StoredBackups.Entry], isSingle: Bool, _ context: CommandContext) {
        let objects = entries.compactMap { $0.backup?.json }
        switch output.format {
        case .name: for entry in entries { context.console.line("backup.velero.io/\(entry.name)") }
        case .json, .yaml:
            let whole: JSONValue =
                isSingle
                ? objects.first ?? .null
                : ["apiVersion": "velero.io/v1", "kind": "BackupList", "items": .array(objects)]
            let format: StructuredFormat = output.format == .json ? .json : .yaml
            context.console.write(format.text(whole))
        case .table:
            guard !entries.isEmpty else { return context.console.note("There are no backups.") }
            context.console.write(BackupTable.table(entries, at: context.wallClock.now()).text())
        }
    }

    private func tellProblems(of entries: [StoredBackups.Entry], on console: Console) -> ExitStatus {
        var status = ExitStatus.done
        for entry in entries {
            switch entry.state {
            case .whole: break
            case .incomplete:
                console.note("'\(entry.name)' has files but is no whole backup: its run goes on, or was interrupted")
            case .unreadable(let error):
                console.note("warning: '\(entry.name)' cannot be read: \(ErrorChain.line(error))")
                status = .damaged
            }
        }
        return status
    }
}
