import ArgumentParser
import Basics
import ClusterBackup
import KubernetesModel
import ObjectStorage
import VeleroAPI

struct RestoreGetCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "List the restores that a store knows of.",
        discussion: """
            Examples:
              martlet restore get --from ./backups
              martlet restore get -o json --from ./backups
            """
    )

    @Argument(help: "Only these restores.")
    var names: [String] = []

    @OptionGroup var source: SourceOptions
    @OptionGroup var output: ListOutputOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let wanted = try names.map { try BackupNaming.restoreName($0) }
        let store = try await context.openStore(try source.url(), false)
        var restores = try await StoredRestores(store).list()
        if let missing = wanted.first(where: { name in !restores.contains { $0.name == name.text } }) {
            throw CommandError(
                .notFound, "no restore '\(missing)' in \(store.location)",
                advice: [BackupNaming.others(restores.map(\.name), than: missing.text)])
        }
        if !wanted.isEmpty { restores = restores.filter { restore in wanted.contains { $0.text == restore.name } } }
        print(restores, context)
        return .done
    }

    private func print(_ restores: [Restore], _ context: CommandContext) {
        switch output.format {
        case .name: for restore in restores { context.console.line("restore.velero.io/\(restore.name)") }
        case .json, .yaml:
            let whole: JSONValue =
                names.count == 1
                ? restores.first?.json ?? .null
                : ["apiVersion": "velero.io/v1", "kind": "RestoreList", "items": .array(restores.map(\.json))]
            let format: StructuredFormat = output.format == .json ? .json : .yaml
            context.console.write(format.text(whole))
        case .table:
            guard !restores.isEmpty else { return context.console.note("There are no restores.") }
            context.console.write(RestoreGetCommand.table(restores).text())
        }
    }

    /// The columns that `velero restore get` has and scripts read.
    private static func table(_ restores: [Restore]) -> Table {
        var table = Table(["NAME", "BACKUP", "STATUS", "STARTED", "COMPLETED", "ERRORS", "WARNINGS", "SELECTOR"])
        for restore in restores {
            table.append([
                restore.name, restore.spec.backupName, restore.phase.rawValue,
                restore.status.startTimestamp.map(HumanTime.instant) ?? "<nil>",
                restore.status.completionTimestamp.map(HumanTime.instant) ?? "<nil>",
                "\(restore.status.errors ?? 0)", "\(restore.status.warnings ?? 0)",
                BackupTable.selector(restore.spec.labelSelector, restore.spec.orLabelSelectors),
            ])
        }
        return table
    }
}
