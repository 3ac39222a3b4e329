import ArgumentParser
import ObjectStorage

struct BucketMakeCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mb",
        abstract: "Make buckets, or folders.",
        discussion: """
            Examples:
              martlet bucket mb backup/radar-output-storage
              martlet bucket mb --with-versioning --ignore-existing backup/radar-output-storage
            """
    )

    @Argument(help: "The buckets: ALIAS/BUCKET, s3://BUCKET?endpoint=…, or folders.")
    var places: [String]

    @Option(help: ArgumentHelp("Where, on stores with regions.", valueName: "name"))
    var region: String?

    @Flag(name: [.customShort("p"), .customLong("ignore-existing")], help: "Fine if it is there already.")
    var ignoreExisting = false

    @Flag(help: "Keep what is overwritten and deleted, as versions.")
    var withVersioning = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        for text in places {
            switch try context.stores.places.place(text, mayBeNew: true) {
            case .server(let server): throw PlaceReader.lacksBucket(server.alias ?? text)
            case .path(let path): try makeFolder(path, context)
            case .bucket(let bucket, let key):
                guard key.isEmpty else { throw CommandError.usage("'\(text)' is more than the name of a bucket") }
                try await make(bucket, context)
            }
        }
        return .done
    }

    private func makeFolder(_ path: String, _ context: CommandContext) throws {
        if context.stores.kind(path) != nil, !ignoreExisting { throw BucketMakeCommand.exists(path) }
        _ = try context.stores.folder(path, true)
        context.console.line("Folder \"\(path)\" made.")
    }

    private func make(_ bucket: StoreURL.S3Bucket, _ context: CommandContext) async throws {
        var bucket = bucket
        bucket.region = region ?? bucket.region
        let name = StorePlace.bucket(bucket, key: "").description
        let server = try context.stores.server(bucket)
        if try await server.exists() {
            guard ignoreExisting else { throw BucketMakeCommand.exists(name) }
        } else {
            try await server.create()
        }
        if withVersioning {
            try await context.stores.bucket(bucket).features.setVersioning(.enabled)
        }
        context.console.line("Bucket \"\(name)\" made\(withVersioning ? ", with versions" : "").")
    }

    private static func exists(_ name: String) -> CommandError {
        CommandError(.failed, "'\(name)' is there already", advice: ["Say --ignore-existing if that is fine."])
    }
}

struct BucketUnmakeCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rb",
        abstract: "Remove empty buckets.",
        discussion: """
            A bucket with something in it is refused by its server: empty it with 'martlet bucket rm -r'
            first.

            Example:
              martlet bucket rb backup/old-bucket
            """
    )

    @Argument(help: "The buckets: ALIAS/BUCKET or s3://BUCKET?endpoint=…")
    var places: [String]

    func run(in context: CommandContext) async throws -> ExitStatus {
        for text in places {
            guard case .bucket(let bucket, let key) = try context.stores.places.place(text), key.isEmpty else {
                throw CommandError.usage("'\(text)' is not the name of a bucket")
            }
            let server = try context.stores.server(bucket)
            guard try await server.exists() else { throw CommandError(.notFound, "there is no bucket '\(text)'") }
            try await server.remove()
            context.console.line("Bucket \"\(text)\" removed.")
        }
        return .done
    }
}
