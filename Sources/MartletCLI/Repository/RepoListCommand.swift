import ArgumentParser
import ResticFormat
import ResticRepository

struct RepoListCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the ids of a repository's files or blobs.",
        discussion: """
            Examples:
              martlet repo list snapshots
              martlet repo list packs --no-lock
              martlet repo list blobs | grep ^tree
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable, Sendable {
        case blobs, packs, index, snapshots, keys, locks

        var fileKind: FileKind? {
            switch self {
            case .blobs: nil
            case .packs: .pack
            case .index: .index
            case .snapshots: .snapshot
            case .keys: .key
            case .locks: .lock
            }
        }
    }

    @Argument(help: "What to list.")
    var kind: Kind

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        // The own lock must not stand between those that are asked for.
        let lock: LockKind? = reading.noLock || kind == .locks ? nil : .shared
        let console = context.console
        try await access.locked(repository, lock) {
            guard let fileKind = kind.fileKind else { return try await listBlobs(repository, console) }
            for file in try await repository.files.list(fileKind) { console.line(file.id.description) }
        }
        return .done
    }

    /// Index file by index file; a blob that several packs have is named for each.
    private func listBlobs(_ repository: Repository, _ console: Console) async throws {
        for file in try await repository.files.list(.index) {
            let json = try await repository.loadUnpacked(.index, file.id)
            var lines = ""
            try IndexFile.scan(json) { _, blobs throws(FormatError) in
                for blob in blobs { lines += "\(blob.handle.kind) \(blob.handle.id)\n" }
            }
            console.write(lines)
        }
    }
}
