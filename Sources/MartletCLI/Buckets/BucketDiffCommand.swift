import ArgumentParser
import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

struct BucketDiffCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two stores, or two beginnings of keys.",
        discussion: """
            Compared are names, sizes and digests; where no digest tells, the objects are read with
            --content. Lines begin with '<' for what only the first has, '>' for what only the second has,
            '!' for what differs, and '?' for equal sizes of which nothing tells whether the content is
            equal. The exit code is 3 if there is any.

            Examples:
              martlet bucket diff local/radar-output-storage backup/radar-output-storage
              martlet bucket diff --content ./restored/ backup/radar-output-storage/output/
            """
    )

    @Argument(help: "The first place.")
    var first: String

    @Argument(help: "The second place.")
    var second: String

    @Flag(help: "Read everything on both sides and compare the bytes.")
    var content = false

    @OptionGroup var output: PlainOutputOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let left = try await context.stores.endpoint(first)
        let right = try await context.stores.endpoint(second)
        let options = VerificationOptions { $0.depth = content ? .content : .listings }
        let report = try await MirrorVerification(
            source: left, target: right, options: options, tools: context.mirrorTools()
        ).run()
        return VerificationText.tell(report, isJSON: output.isJSON, on: context.console)
    }
}
