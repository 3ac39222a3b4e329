import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoCopyCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy snapshots from another repository into this one.",
        discussion: """
            What is there already is not sent again, so the command may be repeated. Data of the two repositories is shared only
            if both cut files alike: make the new one with 'init --copy-chunker-params'.

            Examples:
              martlet repo copy --repo /srv/second --from-repo /srv/repository --from-password-file /root/password
              martlet repo copy latest --host db-0 --from-repo 's3://BUCKET/restic/demo?endpoint=https://HOST:PORT'
            """
    )

    @Argument(help: ArgumentHelp("Only these of the other repository; else all.", valueName: "snapshot"))
    var names: [String] = []

    @Flag(name: [.customShort("n"), .long], help: "Print which snapshots would be copied, and store nothing.")
    var dryRun = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var writing: WritingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions
    @OptionGroup(title: "Second repository") var from: SecondRepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let writer = try writing.options(context)
        let source = try await from.open(context)
        let destination = try await access.open(context, rehearsing: dryRun)
        let console = context.console
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        return try await access.locked(source, .shared) {
            try await access.locked(destination, dryRun ? nil : .shared) {
                let snapshots = try await selection.snapshots(names, of: source, context)
                let sourceIndex = try await source.loadIndex()
                let destinationIndex = try await destination.loadIndex()
                let copied = try await sourceIndex.copy(
                    snapshots, to: destinationIndex, options: writer, report: progress.show)
                progress.finish()
                for snapshot in copied { tell(snapshot, console) }
                tell(copied, console)
                return .done
            }
        }
    }

    private func tell(_ copied: CopiedSnapshot, _ console: Console) {
        guard access.json else {
            guard let copy = copied.copy else {
                return console.line("skipping source snapshot \(copied.source.shortDescription), was already copied")
            }
            return console.line(
                dryRun
                    ? "would copy the source snapshot \(copied.source.shortDescription)"
                    : "snapshot \(copy.shortDescription) saved, copied from source snapshot \(copied.source.shortDescription)"
            )
        }
        var line = JSONLine()
        line.add("message_type", copied.copy == nil ? "skipped" : "copied")
        line.add("source_snapshot_id", copied.source.description)
        if let copy = copied.copy, !dryRun { line.add("snapshot_id", copy.description) }
        console.line(line.text)
    }

    private func tell(_ copied: [CopiedSnapshot], _ console: Console) {
        guard access.json else {
            if copied.isEmpty { console.note("There are no such snapshots.") }
            return
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("copied_snapshots", Int64(copied.count(where: { $0.copy != nil })))
        line.add("skipped_snapshots", Int64(copied.count(where: { $0.copy == nil })))
        console.line(line.text)
    }
}
