import ArgumentParser
import ClusterBackup

struct BackupExtractCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Write the objects of a backup as plain files for 'kubectl apply'.",
        discussion: """
            Writes DIR/NAMESPACE/KIND/NAME.json, and DIR/_cluster/KIND/NAME.json for what has no namespace. Fields that only
            the old server can have set are left out, so that another server takes the files; --unchanged keeps them. The
            files hold Secrets in clear and are readable for you alone.

            Examples:
              martlet backup extract nightly --from ./backups ./nightly
              kubectl apply -R -f ./nightly/study
              martlet backup extract nightly --from ./backups ./nightly --include-namespaces study --unchanged
            """
    )

    @Argument(help: "The backup.")
    var name: String

    @Argument(help: "The folder to write to; new or empty.")
    var folder: String

    @OptionGroup var source: SourceOptions

    @Option(help: ArgumentHelp("Only these namespaces, and nothing without a namespace.", valueName: "names"))
    var includeNamespaces: [NameList] = []

    @Flag(help: "Write every field as it was saved.")
    var unchanged = false

    @Flag(help: "Write into a folder that has files; none is overwritten.")
    var force = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let backupName = try BackupNaming.name(name)
        let store = try await context.openStore(try source.url(), false)
        let reader = try await StoredBackups(store).openArchive(
            backupName, temporaryFolder: context.temporaryFolder)
        defer { reader.close() }
        var options = ArchiveExtraction.Options()
        options.withoutServerFields = !unchanged
        options.intoNonEmptyFolder = force
        if !includeNamespaces.isEmpty {
            options.namespaces = Set(includeNamespaces.names)
            options.includesClusterScoped = false
            let unknown = includeNamespaces.names.filter { !reader.index.namespaces.contains($0) }
            guard unknown.isEmpty else {
                throw CommandError(
                    .notFound, "backup '\(name)' has no namespace '\(unknown[0])'",
                    advice: ["It has: \(reader.index.namespaces.joined(separator: ", "))"])
            }
        }
        let summary = try ArchiveExtraction(reader, options: options).run(into: folder)
        context.console.line(
            "Backup \"\(name)\": \(counted(summary.files, "object")), \(summary.bytes), written to \(folder)")
        return .done
    }
}
