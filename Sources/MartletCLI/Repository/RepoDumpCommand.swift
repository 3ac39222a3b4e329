import ArgumentParser
import Basics
import FileSystemBackup
import NIOCore
import ResticFormat
import ResticRepository

struct RepoDumpCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Write a file of a snapshot to standard output, or a folder as an archive.",
        discussion: """
            An archive is read by every tar; owners, modes, times, links, attributes and ACLs are in it. A zip archive has
            files, folders, links, modes and times.

            Examples:
              martlet repo dump latest /srv/data/config.yaml
              martlet repo dump latest /srv/data | tar tvf -
              martlet repo dump latest:srv/data / --archive zip --target data.zip
            """
    )

    @Argument(help: ArgumentHelp("The beginning of an id, or 'latest'; ID:FOLDER for a part.", valueName: "snapshot"))
    var place: String

    @Argument(help: ArgumentHelp("A file, or a folder, as its path in the snapshot.", valueName: "path"))
    var path: String

    @Option(name: [.customShort("a"), .long], help: ArgumentHelp("What a folder becomes.", valueName: "tar|zip"))
    var archive = "tar"

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("Write into this file, which is replaced once all is there.", valueName: "file"))
    var target: String?

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if ArchiveFormat(rawValue: archive) == nil { throw ValidationError("--archive is tar or zip") }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let console = context.console
        try await access.locked(repository, reading.noLock ? nil : .shared) {
            let stored = try await repository.snapshot(named: SnapshotPlace(place).name, filter: filter)
            let indexed = try await repository.loadIndex()
            let (_, root) = try await SnapshotPlace(stored.id.description + part).find(in: indexed)
            let found = try await SnapshotPath { try await indexed.loadTree($0) }.find(LocalPath(path), in: root)
            let dump = SnapshotDump(indexed)
            guard let target else { return try await write(found, dump, to: console) }
            let file = try OutputFile(path: target, replaces: true)
            do {
                try await write(found, dump) { try file.write($0.readableBytesView) }
                try file.commit()
            } catch {
                file.discard()
                throw error
            }
        }
        return .done
    }

    /// `:FOLDER`, or nothing.
    private var part: String { place.firstIndex(of: ":").map { String(place[$0...]) } ?? "" }

    private func write(_ found: SnapshotPath.Found, _ dump: SnapshotDump, to console: Console) async throws {
        if case .folder = found, console.output.isTerminal {
            throw CommandError.usage(
                "an archive is nothing for a terminal", advice: "Name a file with --target, or write into one with '>'."
            )
        }
        try await write(found, dump) { bytes in
            // Whoever read it has enough.
            if console.outputIsClosed { throw CommandError(.failed, "the reader of the output has gone") }
            console.write(Array(buffer: bytes))
        }
    }

    private func write(
        _ found: SnapshotPath.Found, _ dump: SnapshotDump, to sink: SnapshotDump.Sink
    ) async throws {
        switch found {
        case .item(let node) where node.kind == .file: try await dump.file(node, to: sink)
        case .item(let node):
            throw CommandError.usage("'\(path)' is a \(node.kind); only files and folders can be dumped")
        case .folder(let tree, _):
            try await dump.folder(
                tree,
                at: LocalPath("/").appending(folder: LocalPath(path).cleaned.names.filter { $0 != Array(".".utf8) }),
                as: ArchiveFormat(rawValue: archive) ?? .tar, to: sink)
        }
    }
}
