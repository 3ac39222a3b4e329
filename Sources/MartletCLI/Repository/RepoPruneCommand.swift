import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoPruneCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Free what no snapshot needs.",
        discussion: """
            May be interrupted at any moment: what was not finished is done by the next run.

            Examples:
              martlet repo prune --dry-run
              martlet repo prune --max-unused 10%
              martlet repo prune --max-unused 0 --max-repack-size 5G
            """
    )

    @Option(
        help: ArgumentHelp("How much unused may stay: a size, a share, or 'unlimited'.", valueName: "limit"))
    var maxUnused = "5%"

    @Option(help: ArgumentHelp("How much is rewritten at most: 500M, 10G.", valueName: "size"))
    var maxRepackSize: String?

    @Flag(help: "Compress what is not compressed yet, too.")
    var repackUncompressed = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let options = try pruneOptions()
        let repository = try await access.open(context)
        let progress = RepositoryProgressLine(context, isShown: !access.json)
        return try await access.locked(repository, dryRun ? nil : .exclusive) {
            try await PruneText(isDryRun: dryRun, isJSON: access.json, console: context.console)
                .run(repository, options, ignoring: [], progress)
            return .done
        }
    }

    private func pruneOptions() throws(CommandError) -> PruneOptions {
        var options = PruneOptions()
        options.repacksUncompressed = repackUncompressed
        if maxUnused == "unlimited" {
            options.maxUnused = .unlimited
        } else if maxUnused.hasSuffix("%"), let share = Double(maxUnused.dropLast()), (0...100).contains(share) {
            options.maxUnused = .percent(share)
        } else if let bytes = SizeText.bytes(maxUnused) {
            options.maxUnused = .bytes(bytes)
        } else {
            throw .usage("--max-unused is a size such as 500M, a share such as 5%, or 'unlimited'")
        }
        if let maxRepackSize {
            guard let bytes = SizeText.bytes(maxRepackSize) else {
                throw .usage("--max-repack-size is a size such as 500M or 10G")
            }
            options.maxRepackBytes = bytes
        }
        return options
    }
}

/// Sizes as restic takes them: `1000`, `500M`, `10G`; the units are powers of 1024.
enum SizeText {
    static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        guard let last = text.uppercased().last else { return nil }
        let digits = units[last] == nil ? text[...] : text.dropLast()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number < 1 << 22 || units[last] == nil
        else { return nil }
        return number * (units[last] ?? 1)
    }
}

/// Runs a prune, or plans one, and says what came of it.
struct PruneText: Sendable {
    let isDryRun: Bool
    let isJSON: Bool
    let console: Console

    func run(
        _ repository: Repository, _ options: PruneOptions, ignoring: Set<ResticID>, _ progress: RepositoryProgressLine
    ) async throws {
        if isDryRun {
            let plan = try await repository.planPrune(options, ignoring: ignoring, report: progress.show)
            progress.finish()
            return show(plan.counts)
        }
        let outcome = try await repository.prune(options, report: progress.show)
        progress.finish()
        for (id, error) in outcome.leftPacks.sorted(by: { $0.key < $1.key }) {
            console.note("warning: the pack \(id.shortDescription) is still there: \(ErrorChain.line(error))")
        }
        show(outcome.plan.counts)
    }

    private func show(_ counts: PruneCounts) {
        if isJSON { return console.line(json(counts).text) }
        let would = isDryRun ? "would " : ""
        console.line(
            "in use: \(counts.blobs.used) blobs, \(ByteCount(counts.bytes.used)); "
                + "unused: \(counts.blobs.unused + counts.blobs.duplicate) blobs, "
                + "\(ByteCount(counts.bytes.unused + counts.bytes.duplicate + counts.bytes.unreferenced))")
        console.line(
            "\(would)repack \(counts.packFiles.repack) packs, \(would)remove \(counts.packFiles.removeTotal); "
                + "\(isDryRun ? "would free" : "freed") \(ByteCount(counts.bytes.removeTotal))")
        console.line(
            "left: \(ByteCount(counts.bytes.remaining)), of it \(ByteCount(counts.bytes.remainingUnused)) unused")
    }

    /// restic's object.
    private func json(_ counts: PruneCounts) -> JSONLine {
        var line = JSONLine()
        line.add("message_type", "summary")
        let (blobs, bytes, packs) = (counts.blobs, counts.bytes, counts.packFiles)
        line.add(
            "blobs",
            json: object([
                ("used", blobs.used), ("duplicate", blobs.duplicate), ("unused", blobs.unused), ("total", blobs.total),
                ("repack", blobs.repack), ("repack_remove", blobs.repackRemove), ("remove", blobs.remove),
                ("remove_total", blobs.removeTotal), ("remaining", blobs.remaining),
            ]))
        line.add(
            "bytes",
            json: object([
                ("used", Int(bytes.used)), ("duplicate", Int(bytes.duplicate)), ("unused", Int(bytes.unused)),
                ("unreferenced", Int(bytes.unreferenced)), ("uncompressed", Int(bytes.uncompressed)),
                ("total", Int(bytes.total)), ("repack", Int(bytes.repack)), ("repack_remove", Int(bytes.repackRemove)),
                ("remove", Int(bytes.remove)), ("remove_total", Int(bytes.removeTotal)),
                ("remaining", Int(bytes.remaining)), ("remaining_unused", Int(bytes.remainingUnused)),
            ]))
        line.add(
            "packfiles",
            json: object([
                ("used", packs.used), ("unused", packs.unused), ("partly_used", packs.partlyUsed),
                ("unreferenced", packs.unreferenced), ("total", packs.total), ("keep", packs.keep),
                ("repack", packs.repack), ("remove", packs.remove), ("remove_total", packs.removeTotal),
            ]))
        return line
    }

    private func object(_ members: [(String, Int)]) -> String {
        var line = JSONLine()
        for (name, number) in members { line.add(name, Int64(number)) }
        return line.text
    }
}
