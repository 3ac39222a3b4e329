import NIOCore
import ObjectStorage
import Synchronization

/// Counts how many parts, puts and heads are under way at once.
final class InFlightStore: ObjectStore {
    private let base: any ObjectStore
    private let counts = Mutex((now: 0, most: 0))

    init(_ base: any ObjectStore) { self.base = base }

    var most: Int { counts.withLock { $0.most } }
    var location: String { base.location }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await counting { () throws(StoreError) in try await base.head(key) }
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await counting { () throws(StoreError) in try await base.put(bytes, at: key, options: options) }
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        InFlightUpload(base: try await base.beginUpload(at: key, options: options), store: self)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await base.delete(keys)
    }

    func counting<Result>(_ body: () async throws(StoreError) -> Result) async throws(StoreError) -> Result {
        counts.withLock { counts in
            counts.now += 1
            counts.most = max(counts.most, counts.now)
        }
        defer { counts.withLock { $0.now -= 1 } }
        for _ in 0..<10 { await Task.yield() }
        return try await body()
    }
}

private struct InFlightUpload: ObjectUpload {
    let base: any ObjectUpload
    let store: InFlightStore

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try await store.counting { () throws(StoreError) in try await base.upload(bytes, as: number) }
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo { try await base.complete(parts) }

    func abort() async throws(StoreError) { try await base.abort() }
}
