import ArgumentParser
import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

struct BucketRestoreCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a mirrored bucket back as it was at an instant.",
        discussion: """
            Takes the target of a mirror and its history, copies only what differs by content, and proves
            it. Objects of the destination that were written after the instant are kept and listed, unless
            --overwrite is said. It may be interrupted and run again. Exit code 3 if anything is missing,
            kept or different.

            Examples:
              martlet bucket restore backup/output --at 2026-11-20T03:00 --to production/output --dry-run
              martlet bucket restore backup/output --to production/output
              martlet bucket restore backup/output --at 7d --prefix output/study-1/ --to ./study-1
            """
    )

    @Argument(help: "The target of the mirror: ALIAS/BUCKET[/PREFIX], or a folder.")
    var bucket: String

    @Option(
        help: ArgumentHelp(
            "The instant, by the source's time: 2026-11-20T03:00, or an age; default now.", valueName: "time"))
    var at: InstantArgument?

    @Option(help: ArgumentHelp("Where to.", valueName: "store"))
    var to: String

    @Option(help: ArgumentHelp("Only keys that begin so.", valueName: "prefix"))
    var prefix = ""

    @Flag(help: "Replace objects of the destination that were written after the instant.")
    var overwrite = false

    @Flag(help: "Delete objects of the destination that did not exist at the instant.")
    var deleteExtra = false

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Do not ask before something is deleted or replaced.")
    var yes = false

    @Option(help: ArgumentHelp("How many objects are under way at once, at most.", valueName: "number"))
    var maxWorkers = 32

    @OptionGroup var output: PlainOutputOptions

    func validate() throws {
        if !(1...1024).contains(maxWorkers) { throw ValidationError("'--max-workers' is 1 to 1024") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let options = RestoreOptions { options in
            options.at = at?.instant(now: context.wallClock.now())
            options.prefix = prefix
            options.overwritesNewer = overwrite
            options.removesExtra = deleteExtra
            options.isDryRun = dryRun
            options.workers = maxWorkers
            options.scratchFolder = context.temporaryFolder
        }
        if !dryRun, overwrite || deleteExtra {
            let what = [overwrite ? "replace newer objects" : nil, deleteExtra ? "delete extra objects" : nil]
                .compactMap(\.self)
            try Confirmation.obtain(
                "This may \(what.joined(separator: " and ")) in \(to).", saidYes: yes, console: context.console)
        }
        let observer = MirrorConsole(
            console: context.console, detail: output.isJSON ? .json : .lines, source: bucket, target: to,
            clock: context.clock, namesKept: true)
        let report = try await BucketRestore(
            backup: try await context.stores.endpoint(bucket),
            destination: try await context.stores.endpoint(to, creates: !dryRun), options: options,
            tools: context.mirrorTools(observer)
        ).run()
        observer.finish(report.mirror, isDryRun: dryRun)
        tell(report, context.console)
        return report.isComplete ? .done : .partlyFailed
    }

    private func tell(_ report: BucketMirror.RestoreReport, _ console: Console) {
        if output.isJSON {
            console.jsonLine([
                "status": report.isComplete ? "success" : "error", "type": "restore",
                "objects": .number(JSONNumber(report.objects)), "bytes": .number(JSONNumber(report.bytes)),
                "newerKept": .number(JSONNumber(report.newerKept)), "lost": .number(JSONNumber(report.lost)),
            ])
            return
        }
        let instant = at == nil ? "now" : "at that instant"
        console.note("\(counted(report.objects, "object")) existed \(instant), \(ByteCount(report.bytes)).")
        if report.newerKept > 0 {
            console.note(
                "\(counted(report.newerKept, "object")) of \(to) were written later and kept; --overwrite replaces them."
            )
        }
        if report.lost > 0 {
            console.note("\(counted(report.lost, "object")) existed and are not in the backup any more; named above.")
        }
    }
}
