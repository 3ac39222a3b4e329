import ArgumentParser
import Basics
import KubernetesModel
import ObjectStorage

struct BucketCopyCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp",
        abstract: "Copy objects between stores, and to and from this machine.",
        discussion: """
            A bucket, a folder, and what ends with a slash mean "into it". 'cp -r DIR TO' makes TO/DIR,
            'cp -r DIR/ TO' copies what is in DIR. Content type, metadata and tags travel along; every write is
            proven by its digest.

            Examples:
              martlet bucket cp backup/radar-base-backups/backups/NAME/NAME.tar.gz .
              martlet bucket cp -r backup/radar-base-backups/backups/NAME/ ./NAME/
              martlet bucket cp --at 2026-11-20T03:00 backup/radar-output-storage/output/a.csv.gz ./
              martlet bucket cp ./values.yaml backup/radar-base-backups/
            """
    )

    @Argument(help: "What to copy, and where to: the last one.")
    var places: [String]

    @Flag(name: [.customShort("r"), .customLong("recursive")], help: "Everything whose key begins so.")
    var isRecursive = false

    @Option(
        name: [.customLong("version-id"), .customLong("vid")],
        help: ArgumentHelp("This version of one object.", valueName: "id"))
    var versionID: String?

    @Option(
        name: [.customLong("at"), .customLong("rewind")],
        help: ArgumentHelp("As it was at that instant; see 'martlet bucket ls'.", valueName: "time"))
    var at: InstantArgument?

    @OptionGroup var age: AgeOptions

    @Option(help: ArgumentHelp("More metadata for each copy: 'name=value;name2=value2'.", valueName: "pairs"))
    var attr: AttributeList?

    @Option(
        help: ArgumentHelp("Tags for each copy, instead of its own: 'name=value&name2=value2'.", valueName: "pairs"))
    var tags: TagList?

    @Option(
        name: [.customLong("storage-class"), .customLong("sc")],
        help: ArgumentHelp("The storage class of the copies.", valueName: "class"))
    var storageClass: String?

    @Flag(name: [.customShort("a"), .customLong("preserve")], help: .hidden)
    var preserves = false

    @Flag(help: .hidden)
    var md5 = false

    @Option(help: ArgumentHelp("How many copies are under way at once.", valueName: "number"))
    var maxWorkers = 16

    @Flag(help: "Print what would be copied, and do nothing.")
    var dryRun = false

    @Flag(name: [.customShort("q"), .long], help: "Print nothing about single objects.")
    var quiet = false

    @OptionGroup var output: PlainOutputOptions

    func validate() throws {
        if places.count < 2 { throw ValidationError("give what to copy, and where to") }
        if versionID != nil, isRecursive || places.count > 2 || at != nil {
            throw ValidationError("'--version-id' goes with one object, without -r and --at")
        }
        if !(1...1024).contains(maxWorkers) { throw ValidationError("'--max-workers' is 1 to 1024") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let targetText = places[places.count - 1]
        let target = try await CopyTarget(targetText, in: context.stores, takesMany: places.count > 2)
        let run = CopyRun(options: copyOptions, workers: maxWorkers, isDryRun: dryRun, context: context) {
            [quiet, output] in
            guard !quiet else { return }
            if output.isJSON { context.console.jsonLine($0.json) } else { context.console.line($0.line) }
        }
        for text in places.dropLast() {
            let source = try await context.stores.locate(text)
            try await run.copy(try selection(of: source, text, context), to: target, targetText)
        }
        return run.finish()
    }

    private func selection(
        of source: LocatedPlace, _ text: String, _ context: CommandContext
    ) throws(CommandError) -> CopySelection {
        let now = context.wallClock.now()
        let glob = KeyGlob(source.key)
        if glob.isPlain, source.key.isEmpty || source.key.hasSuffix("/"), !isRecursive {
            throw .usage("'\(text)' is no object", advice: "Say -r to copy everything beneath it.")
        }
        var selection = CopySelection(
            source: source, glob: glob, isRecursive: isRecursive, view: at.map { .at($0.instant(now: now)) } ?? .latest)
        selection.versionID = versionID
        selection.folderName = isRecursive ? CopySelection.folderName(of: source, typed: text) : nil
        selection.takes = { [age] in age.take($0.modified, now: now) }
        return selection
    }

    private var copyOptions: CopyOptions {
        CopyOptions(metadata: attr?.pairs ?? [:], tags: tags?.pairs, storageClass: storageClass)
    }
}

/// `--attr`: pairs with semicolons between them.
struct AttributeList: ExpressibleByArgument, Sendable, Hashable {
    let pairs: [String: String]

    init?(argument: String) {
        guard let pairs = PairText.pairs(argument, separator: ";") else { return nil }
        self.pairs = Dictionary(
            pairs.map { name, value in
                let name = name.lowercased()
                return (name.hasPrefix("x-amz-meta-") ? String(name.dropFirst("x-amz-meta-".count)) : name, value)
            }, uniquingKeysWith: { $1 })
    }
}

/// `--tags`: pairs with ampersands between them, percent-encoded.
struct TagList: ExpressibleByArgument, Sendable, Hashable {
    let pairs: [String: String]

    init?(argument: String) {
        guard let pairs = PairText.pairs(argument, separator: "&") else { return nil }
        var decoded: [String: String] = [:]
        for (name, value) in pairs {
            guard let name = PercentCoding.decode(name), let value = PercentCoding.decode(value) else { return nil }
            decoded[name] = value
        }
        self.pairs = decoded
    }
}

private enum PairText {
    static func pairs(_ text: String, separator: Character) -> [(String, String)]? {
        var pairs: [(String, String)] = []
        for pair in text.split(separator: separator) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            pairs.append((String(parts[0]).trimmed, String(parts[1]).trimmed))
        }
        return pairs
    }
}
