import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoLsCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the files of a snapshot.",
        discussion: """
            Without folders everything is listed; of a folder itself and what lies directly in it, unless --recursive.

            Examples:
              martlet repo ls latest --repo /srv/repository
              martlet repo ls -l 574d2b23 /var/lib
              martlet repo ls latest:var/lib --json
            """
    )

    @Argument(help: ArgumentHelp("The beginning of an id, or 'latest'; ID:FOLDER for a part.", valueName: "snapshot"))
    var place: String

    @Argument(help: ArgumentHelp("Only these folders, as absolute paths in the snapshot.", valueName: "folder"))
    var folders: [String] = []

    @Flag(name: [.customShort("l"), .customLong("long")], help: "Mode, owner, size and time too.")
    var long = false

    @Flag(help: "What lies in the folders of the folders too.")
    var recursive = false

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if let folder = folders.first(where: { !$0.hasPrefix("/") }) {
            throw ValidationError("a folder in a snapshot begins with a slash: '/\(folder)'")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let listing = SnapshotListing(
            folders: folders, isRecursive: recursive, format: access.json ? .json : long ? .long : .path,
            console: context.console)
        try await access.locked(repository, reading.noLock ? nil : .shared) {
            let indexed = try await repository.loadIndex()
            let (stored, tree) = try await SnapshotPlace(place).find(in: indexed, filter: filter)
            listing.begin(stored)
            try await listing.list(tree, at: "", in: indexed)
        }
        return .done
    }
}

/// Prints the entries of a snapshot, folder by folder. Memory: one folder for each level.
private struct SnapshotListing: Sendable {
    enum Format: Sendable {
        case path
        case long
        case json
    }

    private let folders: [String]
    private let isRecursive: Bool
    private let format: Format
    private let console: Console

    init(folders: [String], isRecursive: Bool, format: Format, console: Console) {
        self.folders = folders.map { "/" + $0.split(separator: "/").joined(separator: "/") }
        self.isRecursive = isRecursive
        self.format = format
        self.console = console
    }

    func begin(_ stored: StoredSnapshot) {
        switch format {
        case .json:
            var line = SnapshotText.json(stored)
            line.add("message_type", "snapshot")
            line.add("struct_type", "snapshot")
            console.line(line.text)
        case .path, .long:
            console.note(
                "snapshot \(stored.id.shortDescription) of \(stored.snapshot.paths.joined(separator: " ")) "
                    + "at \(SnapshotText.time(stored.snapshot.time)) UTC:")
        }
    }

    func list(_ tree: ResticID, at path: String, in repository: IndexedRepository) async throws {
        for node in try await repository.loadTree(tree).nodes {
            try Task.checkCancellation()
            let inner = path + "/" + node.name.description
            if isListed(inner, parent: path) { show(node, inner) }
            if let subtree = node.subtree, node.kind == .directory, isOpened(inner), !console.outputIsClosed {
                try await list(subtree, at: inner, in: repository)
            }
        }
    }

    private func isListed(_ path: String, parent: String) -> Bool {
        folders.isEmpty
            || folders.contains { folder in
                folder == "/" && (isRecursive || parent.isEmpty) || path == folder || parent == folder
                    || isRecursive && path.hasPrefix(folder + "/")
            }
    }

    /// Whether something beneath the folder may be listed.
    private func isOpened(_ path: String) -> Bool {
        folders.isEmpty
            || folders.contains { folder in
                folder == path || folder.hasPrefix(path + "/")
                    || isRecursive && (folder == "/" || path.hasPrefix(folder + "/"))
            }
    }

    private func show(_ node: Node, _ path: String) {
        switch format {
        case .path: console.line(PlainText.printable(path, keepingLines: false))
        case .long: console.line(PlainText.printable(NodeText.long(node, path: path), keepingLines: false))
        case .json: console.line(NodeText.json(node, path: path).text)
        }
    }
}
