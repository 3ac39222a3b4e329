import ArgumentParser
import Basics
import BucketMirror
import ObjectStorage

struct MirrorRunCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Mirror a bucket, a prefix or a folder; 'martlet mirror' for short.",
        discussion: """
            Copies what is missing at the target or differs from the source, by size and content; every copy
            is proven by its digest and may be interrupted at any time: the next run does what is left. With
            --watch the mirror follows the source until it is stopped, whatever happens to either side. With
            --config the pairs come from a file.

            Examples:
              martlet mirror --overwrite --md5 backup/radar-output-storage production/radar-output-storage
              martlet mirror --overwrite --watch --md5 local/radar-output-storage backup/radar-output-storage
              martlet mirror --dry-run --exclude '*.tmp' ./export backup/export
              martlet mirror --config mirrors.yaml --watch --listen 0.0.0.0:8080
            """
    )

    @Argument(help: "The source: ALIAS/BUCKET[/PREFIX], s3://BUCKET/PREFIX?endpoint=…, or a folder.")
    var source: String?

    @Argument(help: "The target, written likewise.")
    var target: String?

    @OptionGroup(title: "What is copied") var selection: MirrorSelectionOptions
    @OptionGroup(title: "How") var copying: MirrorCopyOptions
    @OptionGroup(title: "For ever") var watching: MirrorWatchOptions
    @OptionGroup(title: "Output") var reporting: MirrorOutputOptions

    func validate() throws {
        if watching.config != nil {
            if source != nil { throw ValidationError("'--config' names the pairs: leave SOURCE and TARGET out") }
        } else if source == nil || target == nil {
            throw ValidationError("give SOURCE and TARGET, or --config FILE")
        }
        if watching.watch, copying.isDryRun { throw ValidationError("'--watch' and '--dry-run' exclude each other") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let plan = try await MirrorPlan(self, in: context)
        for remark in reporting.remarks(copying) { context.console.note(remark) }
        if watching.watch { return try await MirrorServiceRun(plan, watching, reporting, context).run() }
        var status = ExitStatus.done
        for pair in plan.pairs {
            if plan.pairs.count > 1 { context.console.note("\(pair.name): \(pair.source.name) -> \(pair.target.name)") }
            if try await pass(pair, context) != .done { status = .partlyFailed }
        }
        return status
    }

    private func pass(_ pair: MirrorPair, _ context: CommandContext) async throws -> ExitStatus {
        let observer = MirrorConsole(
            console: context.console, detail: reporting.detail, source: pair.source.name, target: pair.target.name,
            clock: context.clock)
        let index = try pair.indexPath.map {
            try MirrorIndex(path: $0, pair: "\(pair.source.name) \(pair.target.name)")
        }
        let report = try await MirrorRun(
            source: pair.source, target: pair.target, options: pair.options, tools: context.mirrorTools(observer),
            index: index
        ).run()
        observer.finish(report, isDryRun: pair.options.isDryRun)
        return report.isComplete ? .done : .partlyFailed
    }
}

/// `--watch` and what belongs to it.
struct MirrorWatchOptions: ParsableArguments {
    @Flag(name: [.customShort("w"), .customLong("watch")], help: "Follow the source until stopped.")
    var watch = false

    @Option(help: ArgumentHelp("The pairs and their stores; see docs/mirror.md.", valueName: "file"))
    var config: String?

    @Option(
        name: [.customLong("listen"), .customLong("monitoring-address")],
        help: ArgumentHelp("Serve /metrics, /health and /status there.", valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "The file that remembers what was copied, so that a pass without changes asks nothing of the target. A cache: "
                + "deleting it is safe.", valueName: "file"))
    var index: String?

    @Option(
        help: ArgumentHelp(
            "With --watch, who tells of changes: automatic (MinIO's stream, else polling), none (polling), webhook "
                + "(notifications come to /events of --listen), or the URL of an SQS queue.", valueName: "source"))
    var events: String?

    @Option(
        help: ArgumentHelp(
            "The file with the token that senders of notifications show; read again when it changes.", valueName: "file"
        ))
    var eventsTokenFile: String?

    @Option(help: ArgumentHelp("With --watch, how often the whole source is listed.", valueName: "span"))
    var scanInterval: SpanArgument?

    @Option(help: ArgumentHelp("With --watch, copy an object once it was left alone for so long.", valueName: "span"))
    var settle: SpanArgument?

    func validate() throws {
        if eventsTokenFile != nil, events != "webhook" {
            throw ValidationError("'--events-token-file' belongs to '--events webhook'")
        }
    }

    /// - Throws: `.usage` for a word that is none, and for a token that cannot be read.
    func events(in context: CommandContext) throws(CommandError) -> EventChoice {
        let token = eventsTokenFile.map { SecretReference.file($0) }
        if let token { _ = try token.value(in: context) }
        return try EventChoice(word: events ?? "automatic", token: token)
    }

    func apply(to options: inout WatchOptions) {
        if let scanInterval { options.scanInterval = scanInterval.span }
        if let settle { options.settle = settle.span }
    }
}

/// What a mirror prints.
struct MirrorOutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object for each copy, and for the end.")
    var json = false

    @Flag(help: "Print failures and the end only.")
    var summary = false

    @Flag(name: [.customShort("q"), .long], help: "The same as --summary.")
    var quiet = false

    @Flag(help: .hidden) var noColor = false
    @Flag(help: .hidden) var debug = false

    var detail: MirrorConsole.Detail { json ? .json : summary || quiet ? .summary : .lines }

    /// What differs from mc and matters for the flags that were given.
    func remarks(_ copying: MirrorCopyOptions) -> [String] {
        guard let checksum = copying.checksum, checksum.uppercased() != "MD5" else { return [] }
        return ["copies are proven by MD5 sums, not by \(PlainText.printable(checksum, keepingLines: false))"]
    }
}
