import ArgumentParser
import Basics
import NIOCore
import ObjectStorage

struct BucketCatCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Write objects to standard output.",
        discussion: """
            Examples:
              martlet bucket cat backup/radar-base-backups/backups/nightly/velero-backup.json
              martlet bucket cat --at 2d backup/radar-output-storage/output/a.csv.gz | gunzip | head
            """
    )

    @Argument(help: "The objects.")
    var places: [String]

    @Option(
        name: [.customLong("version-id"), .customLong("vid")], help: ArgumentHelp("This version.", valueName: "id"))
    var versionID: String?

    @Option(
        name: [.customLong("at"), .customLong("rewind")],
        help: ArgumentHelp("As it was at that instant; see 'martlet bucket ls'.", valueName: "time"))
    var at: InstantArgument?

    @Option(help: ArgumentHelp("Begin at this byte.", valueName: "bytes"))
    var offset: Int64 = 0

    func validate() throws {
        if offset < 0 { throw ValidationError("'--offset' is 0 or more") }
        if versionID != nil, places.count > 1 { throw ValidationError("'--version-id' goes with one object") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        for place in places {
            let choice = try await ObjectChoice(
                place, versionID: versionID, at: at?.instant(now: context.wallClock.now()), in: context.stores)
            var options = GetOptions(versionID: choice.versionID)
            if offset > 0 { options.range = offset..<Int64.max }
            let object = try await choice.located.store.get(choice.key, options: options)
            for try await chunk in object.body {
                context.console.write(Array(chunk.readableBytesView))
                if context.console.outputIsClosed { return .done }
            }
        }
        return .done
    }
}
