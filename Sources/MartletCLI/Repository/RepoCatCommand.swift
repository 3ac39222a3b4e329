import ArgumentParser
import Basics
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository

struct RepoCatCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Print something of a repository as it is inside.",
        discussion: """
            'masterkey' prints the key that opens everything: keep it as secret as the password.

            Examples:
              martlet repo cat config
              martlet repo cat snapshot latest
              martlet repo cat tree latest:var/lib
              martlet repo cat blob 2668cd37139e6847d294cb9b977804a03dd0574e5bb7fe9c78f8b641735c0fe7 > piece
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable, Sendable {
        case config, masterkey, key, lock, index, snapshot, pack, blob, tree
    }

    @Argument(help: "What to print.")
    var kind: Kind

    @Argument(
        help: ArgumentHelp("Its id, or the beginning of it; for a tree a snapshot, or ID:FOLDER.", valueName: "id"))
    var name: String?

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        let isAlone = kind == .config || kind == .masterkey
        if isAlone, name != nil { throw ValidationError("there is only one \(kind.rawValue); it has no id") }
        if !isAlone, name == nil { throw ValidationError("which \(kind.rawValue)? Its id is missing") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let bytes = try await access.locked(repository, reading.noLock ? nil : .shared) {
            try await content(of: repository, name: name ?? "", filter)
        }
        switch kind {
        case .blob, .pack: context.console.write(bytes)
        case .tree: context.console.write(bytes)
        default: context.console.line(IndentedJSON.text(bytes))
        }
        return .done
    }

    private func content(
        of repository: Repository, name: String, _ filter: SnapshotFilter
    ) async throws -> [UInt8] {
        switch kind {
        case .config: return repository.config.encoded()
        case .masterkey: return repository.masterKeyJSON()
        case .snapshot:
            let id = try await repository.snapshot(named: name, filter: filter).id
            return try await repository.loadUnpacked(.snapshot, id)
        case .lock: return try await repository.loadUnpacked(.lock, try await repository.resolve(name, .lock))
        case .index: return try await repository.loadUnpacked(.index, try await repository.resolve(name, .index))
        case .key:
            return Array(buffer: try await repository.files.load(.key, try await repository.resolve(name, .key)))
        case .pack: return try await pack(name, repository)
        case .blob: return try await blob(name, try await repository.loadIndex())
        case .tree:
            let indexed = try await repository.loadIndex()
            let tree = try await SnapshotPlace(name).find(in: indexed, filter: filter).tree
            return try await indexed.loadBlob(BlobHandle(.tree, tree))
        }
    }

    /// The stored bytes, sealed as they are.
    private func pack(_ name: String, _ repository: Repository) async throws -> [UInt8] {
        let id = try await repository.resolve(name, .pack)
        let limit = ByteCount(Int64(UInt32.max))
        return Array(
            buffer: try await repository.files.store.read(repository.files.objectKey(.pack, id), limit: limit))
    }

    /// Data first, then trees, as restic looks.
    private func blob(_ name: String, _ repository: IndexedRepository) async throws -> [UInt8] {
        guard let id = ResticID(name) else {
            throw CommandError.usage("the id of a blob has 64 digits, not '\(name)'")
        }
        let kind = [BlobKind.data, .tree].first { repository.index.contains(BlobHandle($0, id)) }
        guard let kind else { throw CommandError(.notFound, "no index has a blob \(id)") }
        return try await repository.loadBlob(BlobHandle(kind, id))
    }
}
