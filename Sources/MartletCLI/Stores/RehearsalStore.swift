import NIOCore
import ObjectStorage

/// A store whose content is read, and which takes every change and makes none: whoever works on it finds out what the work
/// would come to. What was written cannot be read back.
struct RehearsalStore: ObjectStore {
    private let base: any ObjectStore
    private let discarding = DiscardingStore()

    init(_ base: any ObjectStore) { self.base = base }

    var location: String { base.location }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await discarding.put(bytes, at: key, options: options)
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try await discarding.beginUpload(at: key, options: options)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { [:] }
}
