package import Basics
package import NIOCore
import Synchronization

/// An object store in memory that keeps the whole promise of `ObjectStore`, features included: the twin that tests run
/// against.
///
/// Strict where servers are: a part of an upload that is not the last must have the minimum size. Memory: all objects,
/// and all versions once versioning is switched on.
package final class InMemoryObjectStore: ObjectStore {
    package let location: String
    let minimumPartSize: Int
    /// Gives the MD5 sum of bytes; then tags are digests, as on S3.
    let digest: (@Sendable (ByteBuffer) -> [UInt8])?
    private let clock: WallClock
    private let state: Mutex<MemoryBucket>

    /// - Parameters:
    ///   - clock: gives `lastModified`.
    ///   - minimumPartSize: 5 MiB as on S3; tests of many parts set it to 1.
    ///   - versioning: what the bucket begins with.
    ///   - lock: that new versions get; nil for a bucket without object lock.
    ///   - digest: the MD5 sum of bytes, for tags like those of S3 and proofs of `contentMD5`; nil counts the writes.
    package init(
        location: String = "memory:", clock: WallClock = WallClock { Timestamp(seconds: 0) },
        minimumPartSize: ByteCount = .mebibytes(5), versioning: BucketVersioning = .never, lock: BucketLock? = nil,
        digest: (@Sendable (ByteBuffer) -> [UInt8])? = nil
    ) {
        self.location = location
        self.clock = clock
        self.minimumPartSize = Int(minimumPartSize.bytes)
        self.digest = digest
        state = Mutex(MemoryBucket(location: location, versioning: versioning, lock: lock))
    }

    /// Uploads that were begun and neither completed nor aborted: what a careless writer leaves behind.
    package var openUploads: Int { withBucket { $0.uploads.count } }

    package var features: any StoreFeatures { InMemoryFeatures(store: self) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try entry(key, versionID: nil).info
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let entry = try entry(key, versionID: options.versionID)
        if let tag = options.ifMatch, tag != entry.info.etag {
            throw StoreError(.preconditionFailed, "'\(key)' in \(location) is not at tag '\(tag)' any more")
        }
        var bytes = entry.bytes
        if let range = options.range {
            let range = try range.checked(against: entry.info.size, of: key, in: location)
            bytes = bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count) ?? ByteBuffer()
        }
        return StoredObject(info: entry.info, body: ByteStream(bytes.chunks(of: 64 << 10)))
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let sum = digest?(bytes)
        if let wanted = options.contentMD5, let sum, wanted != sum {
            throw StoreError(
                .integrity, "'\(key)' in \(location): \(Hex.encode(wanted)) was announced, \(Hex.encode(sum)) arrived")
        }
        return try store(bytes, at: key, options: options, tag: sum.map { Hex.encode($0) }, parts: nil)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let now = clock.now()
        let id = withBucket { $0.beginUpload(of: key, options, at: now) }
        return InMemoryUpload(store: self, key: key, id: id)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let cursor = try ListCursor(request)
        return withBucket { $0.page(request, from: cursor) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        let now = clock.now()
        return withBucket { bucket in
            for key in keys { bucket.delete(key, at: now) }
            return [:]
        }
    }

    /// Makes `bytes` the object.
    /// - Parameter tag: nil to count.
    func store(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions, tag: String?, parts: [Int]?
    ) throws(StoreError) -> ObjectInfo {
        let now = clock.now()
        return try withBucket { bucket in
            bucket.put(bytes, at: key, options: options, tag: tag, parts: parts, now: now)
        }.get()
    }

    func withBucket<Result: Sendable>(_ body: (inout MemoryBucket) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    var now: Timestamp { clock.now() }

    func entry(_ key: ObjectKey, versionID: String?) throws(StoreError) -> MemoryBucket.Entry {
        guard let entry = withBucket({ $0.entry(key, versionID: versionID) }) else {
            let version = versionID.map { "version '\($0)' of " } ?? ""
            throw StoreError(.notFound, "no object \(version)'\(key)' in \(location)")
        }
        return entry
    }
}
