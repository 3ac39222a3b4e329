import Basics
import BucketMirror
import ObjectStorage
import ResticRepository
import S3

/// The pairs that a command line or a configuration file means, with their stores opened.
struct MirrorPlan: Sendable {
    var pairs: [MirrorPair] = []
    /// Where notifications go in, by the name of the pair.
    var doors: [String: NotificationDoor] = [:]
    /// Where to listen, if the file says it and the command line does not.
    var listen: String?

    init(_ command: MirrorRunCommand, in context: CommandContext) async throws {
        if let path = command.watching.config {
            let file = try MirrorConfiguration(path: path, in: context)
            listen = file.listen
            let stores = context.stores(knowing: file.stores)
            for entry in file.located { try await add(entry, command, stores: stores, context) }
        } else {
            let entry = MirrorConfiguration.Entry(source: command.source ?? "", target: command.target ?? "")
            try await add(entry, command, stores: context.stores, context)
        }
        guard doors.isEmpty || (command.watching.listen ?? listen) != nil else {
            throw CommandError.usage(
                "notifications need an address to come to",
                advice: "Say '--listen HOST:PORT', or 'listen:' in the file.")
        }
    }

    /// One pair: what the command line says, changed by what the entry says.
    private mutating func add(
        _ entry: MirrorConfiguration.Entry, _ command: MirrorRunCommand, stores: StoreAccess, _ context: CommandContext
    ) async throws {
        var pair = try await MirrorPlan.pair(entry, command, stores: stores, context)
        if command.watching.watch, let bucket = try stores.eventfulBucket(entry.source) {
            switch try entry.events ?? command.watching.events(in: context) {
            case .automatic: pair.events = try stores.events(bucket)
            case .none: break
            case .queue(let queue): pair.events = [try MirrorPlan.open(queue, bucket, stores)]
            case .webhook(let token):
                let inbox = NotificationInbox(
                    name: "webhook \(pair.name)", bucket: bucket.bucket, prefix: bucket.prefix)
                doors[pair.name] = NotificationDoor(inbox: inbox, token: token)
                pair.events = [inbox]
            }
        }
        pairs.append(pair)
    }

    private static func open(
        _ queue: QueueChoice, _ bucket: StoreURL.S3Bucket, _ stores: StoreAccess
    ) throws -> any BucketEventSource {
        do {
            return try stores.queue(queue, bucket)
        } catch let error as StoreError where error.code == .invalid {
            throw CommandError.usage(error.message)
        }
    }

    private static func pair(
        _ entry: MirrorConfiguration.Entry, _ command: MirrorRunCommand, stores: StoreAccess, _ context: CommandContext
    ) async throws -> MirrorPair {
        var options = MirrorOptions { $0.selection = command.selection.selection(now: context.wallClock.now()) }
        command.copying.apply(to: &options)
        entry.apply(to: &options)
        let host = context.repositoryHost.owner.hostname
        options.lease = LeaseTerms(holder: "\(host)/\(context.makeUID())/\(entry.name ?? entry.source)")
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
            watch: watch)
        pair.indexPath = entry.index ?? command.watching.index
        // The index is made by whoever opens it, its folder is not.
        if let path = pair.indexPath { _ = try stores.folder(PlaceReader.folder(of: path), true) }
        return pair
    }
}
