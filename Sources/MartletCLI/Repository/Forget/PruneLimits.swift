import ArgumentParser
import ResticRepository

/// How far a prune goes, by restic's flags.
struct PruneLimits: ParsableArguments {
    @Option(
        help: ArgumentHelp("How much unused may stay: a size, a share, or 'unlimited'.", valueName: "limit"))
    var maxUnused = "5%"

    @Option(help: ArgumentHelp("How much is rewritten at most: 500M, 10G.", valueName: "size"))
    var maxRepackSize: String?

    @Flag(help: "Rewrite packs of folders only, which clients cache.")
    var repackCacheableOnly = false

    @Flag(help: "Gather small packs into larger ones: all below four fifths of the size of packs.")
    var repackSmall = false

    @Option(help: ArgumentHelp("Gather packs below this size.", valueName: "size"))
    var repackSmallerThan: String?

    @Flag(help: "Compress what is not compressed yet, too.")
    var repackUncompressed = false

    /// - Parameter packBytes: how large new packs are to be; nil for what is usual.
    /// - Throws: `.usage`
    func options(packBytes: Int?) throws(CommandError) -> PruneOptions {
        var options = PruneOptions()
        if let packBytes { options.targetPackBytes = packBytes }
        options.maxUnused = try unused()
        options.repacksTreesOnly = repackCacheableOnly
        options.repacksUncompressed = repackUncompressed
        if repackSmall { options.smallPackBytes = options.targetPackBytes / 5 * 4 }
        if let size = try PruneLimits.size(repackSmallerThan, "--repack-smaller-than") {
            options.smallPackBytes = Int(size)
        }
        options.maxRepackBytes = try PruneLimits.size(maxRepackSize, "--max-repack-size")
        return options
    }

    private func unused() throws(CommandError) -> PruneOptions.Unused {
        if maxUnused == "unlimited" { return .unlimited }
        if maxUnused.hasSuffix("%"), let share = Double(maxUnused.dropLast()), (0...100).contains(share) {
            return .percent(share)
        }
        if let bytes = SizeText.bytes(maxUnused) { return .bytes(bytes) }
        throw .usage("--max-unused is a size such as 500M, a share such as 5%, or 'unlimited'")
    }

    private static func size(_ text: String?, _ flag: String) throws(CommandError) -> Int64? {
        guard let text else { return nil }
        guard let bytes = SizeText.bytes(text) else { throw .usage("\(flag) is a size such as 500M or 10G") }
        return bytes
    }
}
