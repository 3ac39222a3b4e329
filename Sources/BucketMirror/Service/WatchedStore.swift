import Basics
import NIOCore
import ObjectStorage

/// A store whose every answer, and every chunk of a body, is progress of the task that asked: see `Watchdog`.
struct WatchedStore: ObjectStore {
    let base: any ObjectStore

    var location: String { base.location }
    var features: any StoreFeatures { WrappedFeatures(base.features, Rules()) }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        defer { Progress.ofTask?.step() }
        return try await base.head(key)
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        defer { Progress.ofTask?.step() }
        let object = try await base.get(key, options: options)
        return StoredObject(info: object.info, body: object.body.watched)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        defer { Progress.ofTask?.step() }
        return try await base.put(bytes, at: key, options: options)
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        defer { Progress.ofTask?.step() }
        return Upload(base: try await base.beginUpload(at: key, options: options))
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        defer { Progress.ofTask?.step() }
        return try await base.list(request)
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        defer { Progress.ofTask?.step() }
        return try await base.delete(keys)
    }

    private struct Upload: ObjectUpload {
        let base: any ObjectUpload
        var id: String? { base.id }

        func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
            defer { Progress.ofTask?.step() }
            return try await base.upload(bytes, as: number)
        }

        func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
            defer { Progress.ofTask?.step() }
            return try await base.complete(parts)
        }

        func abort() async throws(StoreError) { try await base.abort() }
    }

    private struct Rules: FeatureRules {
        func run<Result>(
            _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
        ) async throws(StoreError) -> Result {
            defer { Progress.ofTask?.step() }
            return try await body()
        }

        func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload { Upload(base: upload) }
    }
}

extension ByteStream {
    fileprivate var watched: ByteStream {
        ByteStream { [self] in
            var iterator = makeAsyncIterator()
            return {
                defer { Progress.ofTask?.step() }
                return try await iterator.next()
            }
        }
    }
}
