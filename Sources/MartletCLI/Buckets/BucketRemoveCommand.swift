import ArgumentParser
import Basics
import ObjectStorage

struct BucketRemoveCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove objects, after showing how many go.",
        discussion: """
            In a bucket with versions a removed object stays reachable, as an older version; --versions
            removes those too, for good.

            Examples:
              martlet bucket rm backup/radar-output-storage/output/a.csv.gz
              martlet bucket rm -r --older-than 90d --dry-run backup/radar-output-storage/output/
              martlet bucket rm -r --versions --yes backup/old-bucket
            """
    )

    @Argument(help: "The objects, or with -r the beginnings of their keys.")
    var places: [String]

    @Flag(name: [.customShort("r"), .customLong("recursive")], help: "Everything whose key begins so.")
    var isRecursive = false

    @Flag(help: "All versions and delete markers, for good.")
    var versions = false

    @Option(
        name: [.customLong("version-id"), .customLong("vid")],
        help: ArgumentHelp("This version of one object, for good.", valueName: "id"))
    var versionID: String?

    @Flag(help: "Parts of uploads that were begun and never ended.")
    var incomplete = false

    @OptionGroup var age: AgeOptions

    @Flag(help: "Print what would be removed, and do nothing.")
    var dryRun = false

    @Flag(name: [.customLong("yes"), .customLong("force")], help: "Do not ask.")
    var saysYes = false

    func validate() throws {
        if versionID != nil, isRecursive || versions || places.count > 1 {
            throw ValidationError("'--version-id' goes with one object, without -r and --versions")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        var status = ExitStatus.done
        for text in places {
            let located = try await context.stores.locate(text)
            if incomplete {
                try await removeUploads(located, context)
            } else {
                let removal = try removal(located, text, now: context.wallClock.now())
                if try await remove(removal, located, text, context) == .partlyFailed { status = .partlyFailed }
            }
        }
        return status
    }

    private func removal(_ located: LocatedPlace, _ text: String, now: Timestamp) throws(CommandError) -> Removal {
        let glob = KeyGlob(located.key)
        if located.key.isEmpty || located.key.hasSuffix("/"), !isRecursive {
            throw .usage("'\(text)' is no object", advice: "Say -r to remove everything beneath it.")
        }
        var removal = Removal(
            store: located.store, prefix: glob.prefix, takes: { [age] in age.take($0.modified, now: now) })
        removal.view = versions || versionID != nil ? .all : .latest
        removal.glob = glob.isPlain ? nil : glob
        removal.exactKey = glob.isPlain && !isRecursive ? glob.prefix : nil
        removal.versionID = versionID
        return removal
    }

    private func remove(
        _ removal: Removal, _ located: LocatedPlace, _ text: String, _ context: CommandContext
    ) async throws -> ExitStatus {
        let total = try await removal.count { entry in
            if dryRun { context.console.line("would remove \(name(entry, located))") }
        }
        guard total.count > 0 else {
            if isRecursive || age.isGiven { return .done }
            throw CommandError(.notFound, "there is nothing at '\(text)'")
        }
        let what = "\(counted(total.count, removal.view == .all ? "version" : "object")), \(ByteCount(total.bytes))"
        guard !dryRun else {
            context.console.note("Dry run: \(what) would be removed from \(text); nothing was.")
            return .done
        }
        try Confirmation.obtain("Remove \(what), from \(text)?", saidYes: saysYes, console: context.console)
        let reporter = ProgressReporter(
            ProgressMeter(verb: "removing", unit: "objects"), console: context.console, clock: context.clock)
        let failures = try await removal.run { done in reporter.update(done: done, total: total.count) }
        reporter.finish()
        for (name, error) in failures.shown { context.console.note("not removed: \(name): \(ErrorChain.line(error))") }
        context.console.line("Removed \(counted(total.count - failures.count, "object")) from \(text).")
        return failures.count == 0 ? .done : .partlyFailed
    }

    private func name(_ entry: ListedEntry, _ located: LocatedPlace) -> String {
        let version = removalNamesVersions ? entry.versionID.map { " version \($0)" } ?? "" : ""
        return PlainText.printable(located.name(of: entry.key), keepingLines: false) + version
    }

    private var removalNamesVersions: Bool { versions || versionID != nil }

    private func removeUploads(_ located: LocatedPlace, _ context: CommandContext) async throws {
        let open = try await located.store.features.openUploads(prefix: located.key)
        for upload in open where dryRun {
            context.console.line("would give up the upload of \(located.name(of: upload.key.text))")
        }
        guard !dryRun, !open.isEmpty else { return }
        try Confirmation.obtain(
            "Give up \(counted(open.count, "upload")) in \(located.name(of: located.key))? Whoever works on one will fail.",
            saidYes: saysYes, console: context.console)
        for upload in open {
            let handle = try await located.store.features.continueUpload(
                upload.id, at: upload.key, options: PutOptions())
            try await handle.abort()
        }
        context.console.line("Gave up \(counted(open.count, "upload")).")
    }
}
