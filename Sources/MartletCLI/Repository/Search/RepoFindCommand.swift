import ArgumentParser
import Basics
import FileSystemBackup
import ResticFormat
import ResticRepository

struct RepoFindCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find files in snapshots by name, or what a blob, folder or pack is needed for.",
        discussion: """
            Patterns are those of 'backup --exclude': 'name' and 'folder/name' match anywhere, '/folder' from the root. What
            matches a folder matches all that is in it. The newest snapshot comes first.

            Examples:
              martlet repo find 'pg_hba.conf'
              martlet repo find -l '*.csv' --newest 2026-11-20 --snapshot latest
              martlet repo find --blob 2668cd37
              martlet repo find --pack c4f04f06 --json
            """
    )

    @Argument(help: ArgumentHelp("Patterns of paths; or ids, or their beginnings.", valueName: "pattern"))
    var patterns: [String]

    @Flag(help: "The patterns are ids of blobs of files.")
    var blob = false

    @Flag(help: "The patterns are ids of trees, which are folders.")
    var tree = false

    @Flag(help: "The patterns are ids of packs.")
    var pack = false

    @Flag(help: "With --blob or --tree: name the packs they lie in too.")
    var showPackID = false

    @Flag(name: [.customShort("i"), .long], help: "Capital letters are as good as small ones.")
    var ignoreCase = false

    @Flag(name: [.customShort("l"), .customLong("long")], help: "Mode, owner, size and time too.")
    var long = false

    @Flag(help: "With --long: sizes in KiB, MiB, GiB.")
    var humanReadable = false

    @Option(
        name: [.customShort("O"), .long],
        help: ArgumentHelp(
            "Only what was changed at this time or later: a date, an instant, an age.", valueName: "time"))
    var oldest: InstantArgument?

    @Option(
        name: [.customShort("N"), .long],
        help: ArgumentHelp("Only what was changed at this time or earlier.", valueName: "time"))
    var newest: InstantArgument?

    @Flag(name: [.customShort("R"), .long], help: "The oldest snapshot first.")
    var reverse = false

    @Option(
        name: [.customShort("s"), .customLong("snapshot")],
        help: ArgumentHelp("Only in these; repeatable.", valueName: "snapshot"))
    var snapshots: [String] = []

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if patterns.isEmpty { throw ValidationError("what to find? A pattern is missing") }
        if [blob, tree, pack].count(where: \.self) > 1 {
            throw ValidationError("--blob, --tree and --pack cannot be given together")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let now = context.wallClock.now()
        let names = EntrySearch(
            patterns: try PatternList(patterns, ignoresCase: ignoreCase), oldest: oldest?.instant(now: now),
            newest: newest?.instant(now: now))
        try await access.locked(repository, reading.noLock ? nil : .shared) {
            let oldestFirst = try await selection.snapshots(snapshots, of: repository, context)
            let ordered = reverse ? oldestFirst : oldestFirst.reversed()
            let indexed = try await repository.loadIndex()
            if blob || tree || pack {
                try await findObjects(ordered, indexed, context.console)
            } else {
                try await findEntries(names, ordered, indexed, context.console)
            }
        }
        return .done
    }

    private func findEntries(
        _ search: EntrySearch, _ snapshots: [StoredSnapshot], _ indexed: IndexedRepository, _ console: Console
    ) async throws {
        let text = FoundEntryText(isJSON: access.json, isLong: long, hasReadableSizes: humanReadable, console: console)
        var isFirst = true
        text.begin()
        for stored in snapshots where !console.outputIsClosed {
            var found = 0
            try await search.run(stored.snapshot.tree, in: indexed) { path, node in
                if found == 0 { text.beginSnapshot(stored, isFirst: isFirst) }
                text.show(node, path, isFirst: found == 0)
                found += 1
            }
            guard found > 0 else { continue }
            text.endSnapshot(stored, hits: found)
            isFirst = false
        }
        text.end()
    }

    private func findObjects(
        _ snapshots: [StoredSnapshot], _ indexed: IndexedRepository, _ console: Console
    ) async throws {
        let wanted = try await wantedObjects(indexed, console)
        let text = FoundObjectText(isJSON: access.json, console: console)
        text.begin()
        var seen: Set<BlobHandle> = []
        var isFirst = true
        for stored in snapshots where !console.outputIsClosed {
            try await ObjectSearch(wanted: wanted).run(stored.snapshot.tree, in: indexed) { found in
                text.show(found, in: stored, isFirst: isFirst)
                seen.insert(found.handle)
                isFirst = false
            }
        }
        text.end()
        if showPackID, !access.json {
            for handle in seen.sorted() { text.showPacks(of: handle, indexed.index.locations(of: handle)) }
        }
    }

    /// What the ids, or their beginnings, stand for. One that stands for nothing is said and left out.
    private func wantedObjects(_ indexed: IndexedRepository, _ console: Console) async throws -> Set<BlobHandle> {
        var wanted: Set<BlobHandle> = []
        let kinds: [BlobKind] = pack ? [.data, .tree] : [blob ? .data : .tree]
        let known = kinds.flatMap { indexed.index.handles($0) }
        for text in patterns {
            let text = text.lowercased()
            let matching: [BlobHandle]
            if pack {
                let id = try await indexed.repository.resolve(text, .pack)
                matching = known.filter { indexed.index.locations(of: $0).contains { $0.pack == id } }
            } else if let id = ResticID(text) {
                matching = known.filter { $0.id == id }
            } else {
                matching = known.filter { $0.id.description.hasPrefix(text) }
            }
            if matching.isEmpty { console.note("warning: the index has no \(blob ? "blob" : "tree") '\(text)'") }
            wanted.formUnion(matching)
        }
        return wanted
    }
}
