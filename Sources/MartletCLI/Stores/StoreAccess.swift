package import Basics
package import ObjectStorage

/// How the everyday commands reach stores; tests hand in others.
package struct StoreAccess: Sendable {
    package var places: PlaceReader
    /// A folder of this machine as a store; `creates` makes it.
    package var folder: @Sendable (_ path: String, _ creates: Bool) throws -> any ObjectStore
    /// What is at a path; nil if nothing is.
    package var kind: @Sendable (_ path: String) -> PathKind?
    /// A whole bucket with its retries. It is not asked before: what the command does first will tell.
    package var bucket: @Sendable (StoreURL.S3Bucket) async throws -> any ObjectStore
    /// What concerns a bucket as a whole, or the server.
    package var server: @Sendable (StoreURL.S3Bucket) throws -> ServerAccess
    /// Who tells of changes in a bucket; empty where nobody is known to.
    package var events: @Sendable (StoreURL.S3Bucket) throws -> [any BucketEventSource]
    /// A queue that tells of changes in a bucket.
    package var queue: @Sendable (QueueChoice, StoreURL.S3Bucket) throws -> any BucketEventSource

    package init(
        places: PlaceReader, folder: @escaping @Sendable (_ path: String, _ creates: Bool) throws -> any ObjectStore,
        kind: @escaping @Sendable (_ path: String) -> PathKind?,
        bucket: @escaping @Sendable (StoreURL.S3Bucket) async throws -> any ObjectStore,
        server: @escaping @Sendable (StoreURL.S3Bucket) throws -> ServerAccess,
        events: @escaping @Sendable (StoreURL.S3Bucket) throws -> [any BucketEventSource] = { _ in [] },
        queue: @escaping @Sendable (QueueChoice, StoreURL.S3Bucket) throws -> any BucketEventSource = { queue, _ in
            throw CommandError(.unreachable, "there is no queue '\(queue.url)'")
        }
    ) {
        self.places = places
        self.folder = folder
        self.kind = kind
        self.bucket = bucket
        self.server = server
        self.events = events
        self.queue = queue
    }

    /// No store at all.
    package static let none = StoreAccess(
        places: PlaceReader(aliases: AliasBook(environment: [:], files: .none), pathExists: { _ in false }),
        folder: { path, _ in throw CommandError(.notFound, "there is no folder '\(path)'") }, kind: { _ in nil },
        bucket: { bucket in throw CommandError(.notFound, "there is no bucket '\(bucket.bucket)'") },
        server: { _ in throw CommandError(.unreachable, "there is no server") })
}

/// What a server does with buckets as a whole. For `create`, `remove` and `exists` it is that of one bucket.
package struct ServerAccess: Sendable {
    package struct Bucket: Sendable, Hashable {
        package let name: String
        package let createdAt: Timestamp?

        package init(name: String, createdAt: Timestamp?) {
            self.name = name
            self.createdAt = createdAt
        }
    }

    /// The buckets that one may see.
    package var list: @Sendable () async throws -> [Bucket]
    package var create: @Sendable () async throws -> Void
    package var remove: @Sendable () async throws -> Void
    /// Also true for a bucket that is there and not ours to look into.
    package var exists: @Sendable () async throws -> Bool

    package init(
        list: @escaping @Sendable () async throws -> [Bucket], create: @escaping @Sendable () async throws -> Void,
        remove: @escaping @Sendable () async throws -> Void,
        exists: @escaping @Sendable () async throws -> Bool
    ) {
        self.list = list
        self.create = create
        self.remove = remove
        self.exists = exists
    }
}
