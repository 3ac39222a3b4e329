import ArgumentParser
import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

struct RepoRestoreCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a snapshot's files back into a folder.",
        discussion: """
            Files that are there already are compared with the snapshot and made equal to it; only what differs is written.
            Owners, modes, times, links, devices and extended attributes come back as far as this user may set them. Nothing
            leaves the target, whatever the snapshot says.

            Examples:
              martlet repo restore latest --target /srv/data
              martlet repo restore 574d2b23:var/lib --target /srv/lib --dry-run
              martlet repo restore latest --target / --include /etc/hosts
              martlet repo restore latest --target /srv/data --delete --verify
            """
    )

    @Argument(help: ArgumentHelp("The beginning of an id, or 'latest'; ID:FOLDER for a part.", valueName: "snapshot"))
    var place: String

    @Option(name: [.customShort("t"), .long], help: ArgumentHelp("The folder to restore into.", valueName: "folder"))
    var target: String

    @OptionGroup(title: "What is restored") var choice: RestoreChoiceOptions

    @Option(
        help: ArgumentHelp(
            "What happens to files that are there.", valueName: "always|if-changed|if-newer|never"))
    var overwrite = "always"

    @Flag(help: "Remove what the snapshot does not have.")
    var delete = false

    @Flag(help: "Leave holes where there are zeros.")
    var sparse = false

    @Flag(help: "Read everything again afterwards, and compare.")
    var verify = false

    @Flag(help: "Set owners by name where this machine knows the name.")
    var ownershipByName = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if RestoreOptions.Overwrite(rawValue: overwrite) == nil {
            throw ValidationError("--overwrite is one of: always, if-changed, if-newer, never")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let options = try restoreOptions(context)
        let folder = LocalPath(target).absolute(from: try LocalPath.workingFolder())
        return try await access.locked(repository, reading.noLock ? nil : .shared) {
            let indexed = try await repository.loadIndex()
            let (stored, tree) = try await SnapshotPlace(place).find(in: indexed, filter: filter)
            let report = RestoreProgressReport(
                context, isJSON: access.json, isQuiet: access.quiet, namesItems: access.verbose > 1)
            let restore = TreeRestore(indexed, options: options, observer: report.observe)
            if dryRun {
                report.show(try await restore.plan(tree, into: folder))
                return .done
            }
            report.begin(stored, folder)
            let counts = try await report.following(restore.progress) { try await restore.run(tree, into: folder) }
            report.finish(counts)
            return counts.problems == 0 ? .done : .failed
        }
    }

    private func restoreOptions(_ context: CommandContext) throws -> RestoreOptions {
        var options = RestoreOptions()
        options.overwrite = RestoreOptions.Overwrite(rawValue: overwrite) ?? .always
        options.deletes = delete
        options.isSparse = sparse
        options.verifies = verify
        if ownershipByName { options.ownership = .byName }
        if let selection = try choice.selection(context) { options.selection = selection }
        return options
    }
}
