import Basics
package import NIOCore
package import ObjectStorage
import ResticFormat

/// A repository's store with the files that every command reads, index files and snapshots, kept in a second store nearby.
///
/// What is kept are the sealed bytes; each has its SHA-256 for a name, so a file that was altered in the cache is fetched
/// anew. A cache that fails costs time, never a result. Memory: one file.
package struct CachedStore: ObjectStore {
    private let base: any ObjectStore
    private let cache: any ObjectStore

    /// - Parameter cache: of this repository alone, or with its id as a prefix.
    package init(_ base: any ObjectStore, cache: any ObjectStore) {
        self.base = base
        self.cache = cache
    }

    package var location: String { base.location }
    package var features: any StoreFeatures { base.features }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        guard options == GetOptions(), let (kind, id) = FileKind.file(at: key.text), CachedStore.isKept(kind) else {
            return try await base.get(key, options: options)
        }
        if let bytes = await kept(key, kind, id) { return CachedStore.object(key, bytes) }
        let bytes = try await base.read(key, limit: kind.sizeLimit)
        // What is wrong is the reader's to find out, not to be kept.
        if ResticID(hashing: bytes.readableBytesSpan) == id { await keep(bytes, key) }
        return CachedStore.object(key, bytes)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let info = try await base.put(bytes, at: key, options: options)
        if let (kind, _) = FileKind.file(at: key.text), CachedStore.isKept(kind) { await keep(bytes, key) }
        return info
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try await base.beginUpload(at: key, options: options)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        let failures = try await base.delete(keys)
        // What stays in the cache is removed by `tidy`.
        _ = try? await cache.delete(keys)
        return failures
    }

    /// Removes from the cache what is no longer in the repository.
    package func tidy() async throws(StoreError) {
        for kind in FileKind.allCases where CachedStore.isKept(kind) {
            let present = try await CachedStore.keys(base, kind)
            let gone = try await CachedStore.keys(cache, kind).subtracting(present)
            if !gone.isEmpty { _ = try await cache.delete(Array(gone)) }
        }
    }

    private static func keys(_ store: any ObjectStore, _ kind: FileKind) async throws(StoreError) -> Set<ObjectKey> {
        var keys: Set<ObjectKey> = []
        var request = ListRequest(prefix: kind.folder)
        repeat {
            let page = try await store.list(request)
            keys.formUnion(page.objects.map(\.key))
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return keys
    }

    private static func isKept(_ kind: FileKind) -> Bool { kind == .index || kind == .snapshot }

    private static func object(_ key: ObjectKey, _ bytes: ByteBuffer) -> StoredObject {
        StoredObject(info: ObjectInfo(key: key, size: Int64(bytes.readableBytes)), body: ByteStream([bytes]))
    }

    /// The file, if it is kept and whole.
    private func kept(_ key: ObjectKey, _ kind: FileKind, _ id: ResticID) async -> ByteBuffer? {
        // A cache that cannot be read is as good as none.
        guard let bytes = try? await cache.read(key, limit: kind.sizeLimit) else { return nil }
        return ResticID(hashing: bytes.readableBytesSpan) == id ? bytes : nil
    }

    private func keep(_ bytes: ByteBuffer, _ key: ObjectKey) async {
        // A cache that cannot be written is as good as none.
        _ = try? await cache.put(bytes, at: key, options: PutOptions())
    }
}
