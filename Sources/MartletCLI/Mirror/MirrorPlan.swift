import Basics
import BucketMirror
import ObjectStorage

/// The pairs that a command line or a configuration file means, with their stores opened.
struct MirrorPlan: Sendable {
    var pairs: [MirrorPair]
    /// Where to listen, if the file says it and the command line does not.
    var listen: String?

    init(_ command: MirrorRunCommand, in context: CommandContext) async throws {
        if let path = command.watching.config {
            let file = try MirrorConfiguration(path: path, in: context)
            listen = file.listen
            pairs = try await file.pairs(command, in: context)
            return
        }
        let entry = MirrorConfiguration.Entry(source: command.source ?? "", target: command.target ?? "")
        pairs = [try await MirrorPlan.pair(entry, command, stores: context.stores, context)]
    }

    /// One pair: what the command line says, changed by what the entry says.
    static func pair(
        _ entry: MirrorConfiguration.Entry, _ command: MirrorRunCommand, stores: StoreAccess, _ context: CommandContext
    ) async throws -> MirrorPair {
        var options = MirrorOptions { $0.selection = command.selection.selection(now: context.wallClock.now()) }
        command.copying.apply(to: &options)
        entry.apply(to: &options)
        var watch = WatchOptions()
        command.watching.apply(to: &watch)
        entry.apply(to: &watch)
        let opened = (
            source: try await stores.endpoint(entry.source),
            target: try await stores.endpoint(entry.target, creates: !options.isDryRun)
        )
        let limited = command.copying.limited(opened.source, opened.target, clock: context.clock)
        var pair = MirrorPair(
            name: entry.name ?? entry.source, source: limited.source, target: limited.target, options: options,
            watch: watch,
            events: command.watching.watch ? try stores.eventSources(entry.source) : [])
        pair.indexPath = entry.index ?? command.watching.index
        // The index is made by whoever opens it, its folder is not.
        if let path = pair.indexPath { _ = try stores.folder(PlaceReader.folder(of: path), true) }
        return pair
    }
}
