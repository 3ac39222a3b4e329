import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// A store around another that changes one thing.
protocol StoreAround: ObjectStore {
    var base: any ObjectStore { get }
}

extension StoreAround {
    var location: String { base.location }
    var features: any StoreFeatures { base.features }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await base.put(bytes, at: key, options: options)
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try await base.beginUpload(at: key, options: options)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await base.delete(keys)
    }
}

/// Lists `a/b` before `a-b`, as stores that walk folders do.
struct FolderOrderStore: StoreAround {
    let base: any ObjectStore

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        var page = try await base.list(request)
        page.objects.sort { left, right in
            left.key.text.split(separator: "/").map { Array($0.utf8) }
                .lexicographicallyPrecedes(right.key.text.split(separator: "/").map { Array($0.utf8) }) { one, other in
                    one.lexicographicallyPrecedes(other)
                }
        }
        return page
    }
}

/// Does something at each `get`.
final class ChangingStore: StoreAround {
    let base: any ObjectStore
    private let count = Mutex(0)
    private let change: @Sendable (any ObjectStore, Int) async throws -> Void

    init(_ base: any ObjectStore, change: @escaping @Sendable (any ObjectStore, Int) async throws -> Void) {
        self.base = base
        self.change = change
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let number = count.withLock { count in
            count += 1
            return count
        }
        do {
            try await change(base, number)
        } catch {
            throw StoreError(error, while: "changing")
        }
        return try await base.get(key, options: options)
    }
}

/// Tags that say nothing, but change with the content.
struct OpaqueTags: StoreAround {
    let base: any ObjectStore

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { opaque(try await base.head(key)) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        var options = options
        options.ifMatch = options.ifMatch.map { String($0.dropFirst(2)) }
        let object = try await base.get(key, options: options)
        return StoredObject(info: opaque(object.info), body: object.body)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        var page = try await base.list(request)
        page.objects = page.objects.map(opaque)
        return page
    }

    private func opaque(_ info: ObjectInfo) -> ObjectInfo {
        var info = info
        info.etag = info.etag.map { "o-" + $0 }
        return info
    }
}

/// How many bytes of bodies were read and not yet followed by the end of the body.
final class InFlightBytes: StoreAround {
    let base: any ObjectStore
    private let state = Mutex((now: 0, most: 0))

    init(base: any ObjectStore) { self.base = base }

    var most: Int { state.withLock { $0.most } }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await base.get(key, options: options)
        let length = Int((options.range?.upperBound ?? object.info.size) - (options.range?.lowerBound ?? 0))
        state.withLock { state in
            state.now += length
            state.most = max(state.most, state.now)
        }
        let body = ByteStream { [self] in
            var iterator = object.body.makeAsyncIterator()
            return {
                let chunk = try await iterator.next()
                if chunk == nil { self.state.withLock { $0.now -= length } }
                return chunk
            }
        }
        return StoredObject(info: object.info, body: body)
    }
}
