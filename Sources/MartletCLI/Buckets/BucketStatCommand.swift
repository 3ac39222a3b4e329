import ArgumentParser
import Basics
import KubernetesModel
import ObjectStorage

struct BucketStatCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Say everything about objects, or about a bucket.",
        discussion: """
            Examples:
              martlet bucket stat backup/radar-output-storage/output/a.csv.gz
              martlet bucket stat --version-id 3HL4kqtJlcpXroDTDmJ backup/radar-output-storage/output/a.csv.gz
              martlet bucket stat backup/radar-output-storage -o json
            """
    )

    @Argument(help: "The objects, or buckets.")
    var places: [String]

    @Option(
        name: [.customLong("version-id"), .customLong("vid")], help: ArgumentHelp("This version.", valueName: "id"))
    var versionID: String?

    @OptionGroup var output: PlainOutputOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        for place in places {
            let located = try await context.stores.locate(place)
            if located.key.isEmpty {
                try await tellBucket(located, context.console)
            } else {
                try await tellObject(located, place, context.console)
            }
        }
        return .done
    }

    private func tellObject(_ located: LocatedPlace, _ place: String, _ console: Console) async throws {
        guard let key = ObjectKey(located.key) else { throw CommandError.usage("'\(place)' is no key") }
        let info: ObjectInfo
        if let versionID {
            // Opening tells the same as asking, for a version too; the body is not read.
            info = try await located.store.get(key, options: GetOptions(versionID: versionID)).info
        } else {
            info = try await located.store.head(key)
        }
        var tags: [String: String] = [:]
        if info.tagCount > 0 { tags = try await located.store.features.tags(of: key, versionID: versionID) }
        if output.isJSON {
            console.jsonLine(ObjectDescription.json(info, tags: tags, url: located.name(of: key.text)))
        } else {
            console.write(ObjectDescription.text(info, tags: tags, name: located.name(of: key.text)))
        }
    }

    private func tellBucket(_ located: LocatedPlace, _ console: Console) async throws {
        let features = located.store.features
        let identity = features.offers(.bucketIdentity) ? try await features.bucket() : BucketIdentity()
        let versioning = try await optional { () throws(StoreError) in try await features.versioning() }
        let lock = try await optional { () throws(StoreError) in try await features.objectLock() } ?? nil
        if output.isJSON {
            var json: JSONValue = [
                "status": "success", "type": "bucket", "url": .string(located.name(of: "")),
                "versioning": .string(versioning?.rawValue ?? "unknown"), "objectLock": .bool(lock != nil),
            ]
            json["created"] = identity.createdAt.map { .string($0.description) }
            json["deployment"] = identity.deploymentID.map { .string($0) }
            console.jsonLine(json)
            return
        }
        var outline = Outline(column: 16)
        outline.add("Name", located.name(of: ""))
        if let created = identity.createdAt { outline.add("Created", EntryText.instant(created)) }
        if let deployment = identity.deploymentID { outline.add("Deployment", deployment) }
        outline.add("Versioning", versioning?.rawValue ?? "unknown: the store does not tell")
        outline.add("Object lock", lock.map { lock in lock.mode.map { "yes, \($0.rawValue)" } ?? "yes" } ?? "no")
        console.write(outline.rendered)
    }

    /// Nil where the store does not offer it.
    private func optional<Value>(_ ask: () async throws(StoreError) -> Value) async throws(StoreError) -> Value? {
        do {
            return try await ask()
        } catch {
            guard error.code == .unsupported else { throw error }
            return nil
        }
    }
}
