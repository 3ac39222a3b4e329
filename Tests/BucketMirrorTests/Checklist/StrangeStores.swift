import Basics
import BucketMirror
import NIOCore
import ObjectStorage
import Synchronization

/// Dies at a write: that one happens, and nothing after it, nor any answer.
final class DyingStore: StoreAround {
    let base: any ObjectStore
    private let left: Mutex<Int>

    init(_ base: any ObjectStore, atWrite number: Int) {
        self.base = base
        left = Mutex(number)
    }

    var features: any StoreFeatures { WrappedFeatures(base.features, Rules(store: self)) }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await dying { () throws(StoreError) in try await base.put(bytes, at: key, options: options) }
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await dying { () throws(StoreError) in
            try await base.beginUpload(at: key, options: options)
        }
        return Upload(base: upload, store: self)
    }

    fileprivate func dying<Result>(_ body: () async throws(StoreError) -> Result) async throws(StoreError) -> Result {
        let rest = left.withLock { left in
            left -= 1
            return left
        }
        guard rest >= 0 else { throw StoreError(.forbidden, "dead") }
        let result = try await body()
        if rest == 0 { throw StoreError(.forbidden, "dying") }
        return result
    }

    private struct Upload: ObjectUpload {
        let base: any ObjectUpload
        let store: DyingStore
        var id: String? { base.id }

        func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
            try await store.dying { () throws(StoreError) in try await base.upload(bytes, as: number) }
        }

        func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
            try await store.dying { () throws(StoreError) in try await base.complete(parts) }
        }

        // The dead abort nothing.
        func abort() async throws(StoreError) {}
    }

    private struct Rules: FeatureRules {
        let store: DyingStore

        func run<Result>(
            _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
        ) async throws(StoreError) -> Result {
            guard call.isWrite, call != .beginUpload else { return try await body() }
            return try await store.dying(body)
        }

        func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
            Upload(base: upload, store: store)
        }
    }
}

/// Says that more follows, and then nothing does.
struct EmptyLastPage: StoreAround {
    let base: any ObjectStore

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        if request.continuationToken == "more" { return ListPage(objects: []) }
        var page = try await base.list(request)
        if page.nextToken == nil { page.nextToken = "more" }
        return page
    }
}

/// Goes on where it was before.
struct CircularPages: StoreAround {
    let base: any ObjectStore

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        var page = try await base.list(ListRequest(prefix: request.prefix, pageSize: 10))
        page.nextToken = "again"
        return page
    }
}

/// Three pages, and then the first again, each with a token that is not the one before.
struct WheelOfPages: StoreAround {
    let base: any ObjectStore

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let number = request.continuationToken.flatMap { Int($0) } ?? 0
        let start = ObjectKey("objects/\(padded(number * 10, 6))")
        var page = try await base.list(ListRequest(prefix: request.prefix, startAfter: start, pageSize: 10))
        page.nextToken = "\((number + 1) % 3)"
        return page
    }
}

/// One object of any size, made of zeros that nobody keeps.
struct SparseStore: ObjectStore {
    let location = "sparse:"
    let key: ObjectKey
    let size: Int64
    private static let zeros = ByteBuffer(repeating: 0, count: 4 << 20)

    /// The tag claims to be a sum only where nobody takes it: of what is put in one piece.
    private var info: ObjectInfo {
        let tag = "0123456789abcdef0123456789abcdef" + (size <= 5 << 30 ? "" : "-2561")
        return ObjectInfo(key: key, size: size, etag: tag, lastModified: Timestamp(seconds: 0))
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { info }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let range = options.range ?? 0..<size
        let body = ByteStream {
            var left = Int64(range.count)
            return {
                guard left > 0 else { return nil }
                let count = min(left, Int64(SparseStore.zeros.readableBytes))
                left -= count
                return SparseStore.zeros.getSlice(at: 0, length: Int(count))
            }
        }
        return StoredObject(info: info, body: body)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { ListPage(objects: [info]) }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        throw StoreError(.unsupported, "made up")
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        throw StoreError(.unsupported, "made up")
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { [:] }
}

/// Takes everything, keeps nothing, and counts.
final class SinkStore: ObjectStore {
    private struct State {
        var stored: Int64 = 0
        var largestRequest: Int64 = 0
        var parts = 0
    }

    let location = "sink:"
    private let state = Mutex(State())

    var stored: Int64 { state.withLock { $0.stored } }
    var largestRequest: Int64 { state.withLock { $0.largestRequest } }
    var parts: Int { state.withLock { $0.parts } }

    var features: any StoreFeatures { Features(store: self) }

    fileprivate func took(_ size: Int64, isPart: Bool) {
        state.withLock { state in
            state.stored += size
            state.largestRequest = max(state.largestRequest, size)
            if isPart { state.parts += 1 }
        }
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { throw StoreError(.notFound, "sunk") }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        throw StoreError(.notFound, "sunk")
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { ListPage(objects: []) }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        took(Int64(bytes.readableBytes), isPart: false)
        return ObjectInfo(key: key, size: Int64(bytes.readableBytes), etag: options.contentMD5.map { Hex.encode($0) })
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        Upload(store: self, key: key)
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { [:] }

    private struct Upload: ObjectUpload {
        let store: SinkStore
        let key: ObjectKey

        func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
            store.took(Int64(bytes.readableBytes), isPart: true)
            return UploadedPart(number: number, size: bytes.readableBytes, etag: "part")
        }

        func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
            ObjectInfo(key: key, size: parts.reduce(0) { $0 + Int64($1.size) }, etag: "joined")
        }

        func abort() async throws(StoreError) {}
    }

    private struct Features: StoreFeatures {
        let store: SinkStore
        var offered: Set<StoreFeature> { [.streamedPuts, .partSizes] }

        func put(
            _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
        ) async throws(StoreError) -> ObjectInfo {
            var count: Int64 = 0
            do {
                for try await chunk in body { count += Int64(chunk.readableBytes) }
            } catch {
                throw StoreError(error, while: "sinking")
            }
            store.took(count, isPart: false)
            return ObjectInfo(key: key, size: count, etag: options.contentMD5.map { Hex.encode($0) })
        }
    }
}

/// A bucket whose tags look like those of other kinds of stores and objects.
struct StrangeTags: StoreAround {
    let base: any ObjectStore
    let kind: String

    private func strange(_ info: ObjectInfo) -> ObjectInfo {
        var info = info
        guard let tag = info.etag else { return info }
        switch kind {
        case "-1": info.etag = MD5Sum.joinedTag(ofParts: [bytes(tag)])
        case "-3": info.etag = tag + "-3"
        case "kms": info.etag = String(tag.reversed())
        case "random": info.etag = "W" + tag
        default: info.etag = nil
        }
        return info
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { strange(try await base.head(key)) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        var plain = options
        plain.ifMatch = nil
        let object = try await base.get(key, options: plain)
        let info = strange(object.info)
        if let wanted = options.ifMatch, wanted != info.etag { throw StoreError(.preconditionFailed, "another") }
        return StoredObject(info: info, body: object.body)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        var page = try await base.list(request)
        page.objects = page.objects.map(strange)
        return page
    }
}
