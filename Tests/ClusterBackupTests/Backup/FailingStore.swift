import NIOCore
import ObjectStorage
import Synchronization

/// Fails the nth write to a store, before or after it took effect; then works again, or never again.
final class FailingStore: ObjectStore {
    enum Moment: Sendable, CaseIterable { case before, after }

    let base: any ObjectStore
    let location = "failing"
    private let failAt: Int
    private let moment: Moment
    private let staysDown: Bool
    private let writes = Mutex(0)

    init(_ base: any ObjectStore, failAt: Int, moment: Moment, staysDown: Bool = false) {
        self.base = base
        self.failAt = failAt
        self.moment = moment
        self.staysDown = staysDown
    }

    var writeCount: Int { writes.withLock { $0 } }
    var didFail: Bool { writeCount >= failAt }

    private var isDown: Bool { staysDown && writeCount >= failAt }
    private static let failure = StoreError(.unavailable, "the store fails on purpose")

    fileprivate func write<Result>(
        _ work: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let number = writes.withLock { count in
            count += 1
            return count
        }
        if staysDown, number > failAt { throw FailingStore.failure }
        guard number == failAt else { return try await work() }
        if moment == .after { _ = try await work() }
        throw FailingStore.failure
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        if isDown { throw FailingStore.failure }
        return try await base.head(key)
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        if isDown { throw FailingStore.failure }
        return try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await write { () throws(StoreError) in try await base.put(bytes, at: key, options: options) }
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await write { () throws(StoreError) in try await base.beginUpload(at: key, options: options) }
        return Upload(base: upload, store: self)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        if isDown { throw FailingStore.failure }
        return try await base.list(request)
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        if isDown { throw FailingStore.failure }
        return try await base.delete(keys)
    }

    private struct Upload: ObjectUpload {
        let base: any ObjectUpload
        let store: FailingStore

        func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
            try await store.write { () throws(StoreError) in try await base.upload(bytes, as: number) }
        }

        func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
            try await store.write { () throws(StoreError) in try await base.complete(parts) }
        }

        func abort() async throws(StoreError) {
            if store.isDown { throw FailingStore.failure }
            try await base.abort()
        }
    }
}
