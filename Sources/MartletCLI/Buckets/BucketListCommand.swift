import ArgumentParser
import Basics
import KubernetesModel
import ObjectStorage

struct BucketListCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List what lies in stores.",
        discussion: """
            Examples:
              martlet bucket ls backup/radar-base-backups/backups/
              martlet bucket ls -r --summarize backup/radar-output-storage/output/
              martlet bucket ls --versions 'backup/radar-output-storage/output/**.csv.gz'
              martlet bucket ls --at 7d backup/radar-output-storage/output/
            """
    )

    @Argument(help: "The places.")
    var places: [String]

    @Flag(name: [.customShort("r"), .customLong("recursive")], help: "Everything beneath, not only the next level.")
    var isRecursive = false

    @OptionGroup var versions: VersionOptions

    @Flag(help: "Parts of uploads that were begun and never ended.")
    var incomplete = false

    @Flag(help: "At the end, how many and how large they are.")
    var summarize = false

    @OptionGroup var output: PlainOutputOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        var total = ListTotal()
        for text in places {
            if case .server(let server) = try context.stores.places.place(text) {
                try await listBuckets(server, &total, context)
                continue
            }
            let located = try await context.stores.locate(text)
            let before = total.count
            if incomplete {
                try await listUploads(located, &total, context)
            } else {
                try await list(located, &total, context)
            }
            if total.count == before, !located.key.isEmpty, !incomplete {
                throw CommandError(.notFound, "there is nothing at '\(text)'")
            }
        }
        if summarize { print(total, context.console) }
        return .done
    }

    private func list(_ located: LocatedPlace, _ total: inout ListTotal, _ context: CommandContext) async throws {
        let glob = KeyGlob(located.key)
        let listing = ObjectListing(
            store: located.store, prefix: glob.prefix, isRecursive: isRecursive || !glob.isPlain,
            view: versions.view(now: context.wallClock.now()), glob: glob.isPlain ? nil : glob)
        // Keys are shown from the level on that was asked for, as mc does.
        let base = glob.prefix.utf8.lastIndex(of: UInt8(ascii: "/")).map { glob.prefix.utf8[...$0].count } ?? 0
        var sum = total
        try await listing.forEach { entry in
            guard !context.console.outputIsClosed else { throw CancellationError() }
            sum.add(entry)
            let shown = String(decoding: entry.key.utf8.dropFirst(base), as: UTF8.self)
            if output.isJSON {
                context.console.jsonLine(EntryText.json(entry, shownKey: shown, url: located.name(of: entry.key)))
            } else {
                context.console.line(EntryText.line(entry, shownKey: shown))
            }
        }
        total = sum
    }

    private func listBuckets(
        _ server: StoreURL.S3Bucket, _ total: inout ListTotal, _ context: CommandContext
    ) async throws {
        for bucket in try await context.stores.server(server).list() {
            var entry = ListedEntry(prefix: bucket.name + "/")
            entry.modified = bucket.createdAt
            total.add(entry)
            if output.isJSON {
                let url = StorePlace.server(server).description + "/" + entry.key
                context.console.jsonLine(EntryText.json(entry, shownKey: entry.key, url: url))
            } else {
                context.console.line(EntryText.line(entry, shownKey: entry.key))
            }
        }
    }

    private func listUploads(_ located: LocatedPlace, _ total: inout ListTotal, _ context: CommandContext) async throws
    {
        for upload in try await located.store.features.openUploads(prefix: located.key) {
            var entry = ListedEntry(ObjectInfo(key: upload.key, size: 0))
            entry.modified = upload.begunAt
            total.add(entry)
            if output.isJSON {
                var json = EntryText.json(entry, shownKey: entry.key, url: located.name(of: entry.key))
                json["uploadId"] = .string(upload.id)
                context.console.jsonLine(json)
            } else {
                context.console.line(EntryText.line(entry, shownKey: entry.key))
            }
        }
    }

    private func print(_ total: ListTotal, _ console: Console) {
        if output.isJSON {
            console.jsonLine([
                "status": "success", "type": "summary", "totalObjects": .number(JSONNumber(total.count)),
                "totalSize": .number(JSONNumber(total.bytes)),
            ])
        } else {
            console.line("\nTotal size: \(ByteCount(total.bytes))\nTotal objects: \(grouped(total.count))")
        }
    }
}

/// How many entries were listed, and how large they are together.
struct ListTotal: Sendable {
    var count = 0
    var bytes: Int64 = 0

    mutating func add(_ entry: ListedEntry) {
        count += 1
        bytes += entry.size
    }
}
