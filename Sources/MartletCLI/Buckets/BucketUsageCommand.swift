import ArgumentParser
import Basics
import KubernetesModel
import ObjectStorage

struct BucketUsageCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "du",
        abstract: "Say how much lies beneath a place, level by level.",
        discussion: """
            Examples:
              martlet bucket du backup/radar-output-storage
              martlet bucket du --depth 2 backup/radar-output-storage/output
              martlet bucket du --versions backup/radar-output-storage
            """
    )

    @Argument(help: "The places.")
    var places: [String]

    @Option(name: [.short, .long], help: ArgumentHelp("How many levels to list.", valueName: "levels"))
    var depth = 0

    @OptionGroup var versions: VersionOptions
    @OptionGroup var output: PlainOutputOptions

    /// So many lines at most; a level with more prefixes is better asked for with fewer levels.
    private static let maximumLines = 1_000_000

    func validate() throws {
        if depth < 0 { throw ValidationError("'--depth' is 0 or more") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        for text in places {
            let located = try await context.stores.locate(text)
            let prefix = located.key.isEmpty || located.key.hasSuffix("/") ? located.key : located.key + "/"
            let usage = try await usage(of: located, prefix: prefix, context)
            for line in usage.lines { print(line, located, context.console) }
        }
        return .done
    }

    private func usage(
        of located: LocatedPlace, prefix: String, _ context: CommandContext
    ) async throws -> StoreUsage {
        var usage = StoreUsage(prefix: prefix, depth: depth, limit: Self.maximumLines)
        let listing = ObjectListing(
            store: located.store, prefix: prefix, isRecursive: true,
            view: versions.view(now: context.wallClock.now()))
        let reporter = ProgressReporter(
            ProgressMeter(verb: "counting", unit: "objects"), console: context.console, clock: context.clock)
        defer { reporter.finish() }
        try await listing.forEach { entry in
            usage.add(entry)
            reporter.update(done: usage.total.count, total: nil, bytes: ByteCount(usage.total.bytes))
        }
        guard !usage.hasOverflown else {
            throw CommandError(
                .failed,
                "'\(located.name(of: prefix))' has more than \(grouped(Self.maximumLines)) prefixes in \(depth) levels",
                advice: ["Ask for fewer levels with --depth."])
        }
        return usage
    }

    private func print(_ line: StoreUsage.Line, _ located: LocatedPlace, _ console: Console) {
        let name = located.name(of: line.prefix)
        if output.isJSON {
            console.jsonLine([
                "status": "success", "prefix": .string(name), "size": .number(JSONNumber(line.total.bytes)),
                "objects": .number(JSONNumber(line.total.count)),
            ])
        } else {
            let size = EntryText.size(line.total.bytes)
            let pad = String(repeating: " ", count: max(1, 10 - size.count))
            console.line(
                "\(size)\(pad)\(counted(line.total.count, "object"))\t\(PlainText.printable(name, keepingLines: false))"
            )
        }
    }
}

/// Sums over the prefixes of a listing, down to a depth. Pure; memory grows with the number of prefixes.
struct StoreUsage: Sendable {
    struct Line: Sendable {
        let prefix: String
        let total: ListTotal
    }

    private(set) var total = ListTotal()
    private(set) var hasOverflown = false
    private let prefix: String
    private let depth: Int
    private let limit: Int
    private var sums: [String: ListTotal] = [:]

    init(prefix: String, depth: Int, limit: Int) {
        self.prefix = prefix
        self.depth = depth
        self.limit = limit
    }

    mutating func add(_ entry: ListedEntry) {
        total.add(entry)
        let bytes = Array(entry.key.utf8)
        var level = 0
        var index = prefix.utf8.count
        while index < bytes.count, level < depth {
            if bytes[index] == UInt8(ascii: "/") {
                level += 1
                add(entry, to: String(decoding: bytes[...index], as: UTF8.self))
            }
            index += 1
        }
    }

    private mutating func add(_ entry: ListedEntry, to prefix: String) {
        guard sums[prefix] != nil || sums.count < limit else { return hasOverflown = true }
        sums[prefix, default: ListTotal()].add(entry)
    }

    /// Deeper levels before the one that they are in, as `du` has it; the whole last.
    var lines: [Line] {
        let inner = sums.map { Line(prefix: $0, total: $1) }.sorted { left, right in
            // A prefix sorts behind what is beneath it.
            (left.prefix + "\u{10FFFF}").utf8.lexicographicallyPrecedes((right.prefix + "\u{10FFFF}").utf8)
        }
        return inner + [Line(prefix: prefix, total: total)]
    }
}
