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

    @Option(help: ArgumentHelp("Only so many bytes from the end.", valueName: "bytes"))
    var tail: Int64?

    func validate() throws {
        if let tail, tail < 1 { throw ValidationError("'--tail' is 1 or more") }
        if tail != nil, offset > 0 { throw ValidationError("'--tail' and '--offset' exclude each other") }
        if offset < 0 { throw ValidationError("'--offset' is 0 or more") }
        if versionID != nil, places.count > 1 { throw ValidationError("'--version-id' goes with one object") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        for place in places {
            let choice = try await ObjectChoice(
                place, versionID: versionID, at: at?.instant(now: context.wallClock.now()), in: context.stores)
            let object = try await object(choice)
            for try await chunk in object.body {
                context.console.write(Array(chunk.readableBytesView))
                if context.console.outputIsClosed { return .done }
            }
        }
        return .done
    }

    private func object(_ choice: ObjectChoice) async throws -> StoredObject {
        let store = choice.located.store
        var options = GetOptions(versionID: choice.versionID)
        if offset > 0 { options.range = offset..<Int64.max }
        guard let tail else { return try await store.get(choice.key, options: options) }
        // The size is in the answer: an object that is shorter is there as a whole already.
        let whole = try await store.get(choice.key, options: options)
        guard whole.info.size > tail else { return whole }
        options.range = whole.info.size - tail..<whole.info.size
        // No other object than the one whose size is known.
        options.ifMatch = whole.info.etag
        return try await store.get(choice.key, options: options)
    }
}
