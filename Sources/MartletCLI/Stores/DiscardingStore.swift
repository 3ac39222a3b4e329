import NIOCore
import ObjectStorage

/// A store that takes everything and keeps nothing: for runs that only show what they would do.
struct DiscardingStore: ObjectStore {
    let location = "nowhere"

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { throw absent(key) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject { throw absent(key) }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        ObjectInfo(key: key, size: Int64(bytes.readableBytes), etag: "")
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        DiscardingUpload(key: key)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { ListPage(objects: []) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { [:] }

    private func absent(_ key: ObjectKey) -> StoreError {
        StoreError(.notFound, "nothing is kept, not '\(key)' either")
    }
}

private struct DiscardingUpload: ObjectUpload {
    let key: ObjectKey

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        UploadedPart(number: number, size: bytes.readableBytes, etag: "")
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        ObjectInfo(key: key, size: parts.reduce(0) { $0 + Int64($1.size) }, etag: "")
    }

    func abort() async throws(StoreError) {}
}
