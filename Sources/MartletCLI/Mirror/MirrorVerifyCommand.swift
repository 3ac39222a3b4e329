import ArgumentParser
import Basics
import BucketMirror

struct MirrorVerifyCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare both sides of a mirror completely, and change nothing.",
        discussion: """
            Compares all names, sizes and digests. --sample reads so many objects of both sides, chosen at
            random, and --content all of them. Lines begin with '<' for what the target lacks, '>' for what
            only the target has, '!' for what differs, '?' for what nothing proves. The exit code is 3 if
            there is any.

            Examples:
              martlet mirror verify local/radar-output-storage backup/radar-output-storage
              martlet mirror verify --content local/radar-output-storage backup/radar-output-storage
            """
    )

    @Argument(help: "The source.")
    var source: String

    @Argument(help: "The target.")
    var target: String

    @Flag(help: "Read everything on both sides and compare the bytes.")
    var content = false

    @Option(help: ArgumentHelp("Read so many objects on both sides, chosen at random.", valueName: "number"))
    var sample: Int?

    @OptionGroup(title: "What is compared") var selection: MirrorSelectionOptions
    @OptionGroup var output: PlainOutputOptions

    func validate() throws {
        if let sample, sample < 1 { throw ValidationError("'--sample' is at least 1") }
        if sample != nil, content { throw ValidationError("'--sample' and '--content' exclude each other") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let options = VerificationOptions { options in
            options.depth = content ? .content : sample.map { .sample($0) } ?? .listings
            options.selection = selection.selection(now: context.wallClock.now())
        }
        let report = try await MirrorVerification(
            source: try await context.stores.endpoint(source), target: try await context.stores.endpoint(target),
            options: options, tools: context.mirrorTools()
        ).run()
        return VerificationText.tell(report, isJSON: output.isJSON, on: context.console)
    }
}
