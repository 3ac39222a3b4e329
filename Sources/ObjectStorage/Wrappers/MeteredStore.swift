import Basics
package import NIOCore
import Synchronization

/// What was asked of a store.
package struct StoreUse: Sendable, Hashable {
    package enum Request: String, Sendable, CaseIterable {
        case head, get, put, list, delete, beginUpload, uploadPart, completeUpload, abortUpload
        /// Of `StoreFeatures`: questions about a bucket or one object, changes beside the bytes, copies within the store.
        case describe, annotate, copy

        /// Whether it changes the store.
        package var isWrite: Bool {
            switch self {
            case .head, .get, .list, .describe: false
            case .put, .delete, .beginUpload, .uploadPart, .completeUpload, .abortUpload, .annotate, .copy: true
            }
        }
    }

    /// Calls by kind, failed ones included. A call may take several requests: 2,500 keys are deleted in three.
    package var calls: [Request: Int] = [:]
    package var failures: [StoreError.Code: Int] = [:]
    /// Of objects and parts that were written.
    package var bytesUp: Int64 = 0
    /// Of bodies as far as they were read.
    package var bytesDown: Int64 = 0

    package init() {}
}

/// Counts calls and bytes.
package final class MeteredStore: ObjectStore {
    private let base: any ObjectStore
    private let meter = Meter()

    package init(_ base: any ObjectStore) { self.base = base }

    /// What was asked so far.
    package var use: StoreUse { meter.use }

    package var location: String { base.location }

    package var features: any StoreFeatures { WrappedFeatures(base.features, MeterRules(meter: meter)) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await meter.counting(.head) { () throws(StoreError) in try await base.head(key) }
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await meter.counting(.get) { () throws(StoreError) in
            try await base.get(key, options: options)
        }
        let body = ByteStream { [meter] in
            var iterator = object.body.makeAsyncIterator()
            return {
                let chunk = try await iterator.next()
                meter.add(down: chunk?.readableBytes ?? 0)
                return chunk
            }
        }
        return StoredObject(info: object.info, body: body)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let info = try await meter.counting(.put) { () throws(StoreError) in
            try await base.put(bytes, at: key, options: options)
        }
        meter.add(up: bytes.readableBytes)
        return info
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await meter.counting(.beginUpload) { () throws(StoreError) in
            try await base.beginUpload(at: key, options: options)
        }
        return MeteredUpload(base: upload, meter: meter)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try await meter.counting(.list) { () throws(StoreError) in try await base.list(request) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await meter.counting(.delete) { () throws(StoreError) in try await base.delete(keys) }
    }
}

private struct MeterRules: FeatureRules {
    let meter: Meter

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await meter.counting(call, body)
    }

    func outgoing(_ body: ByteStream) -> ByteStream {
        ByteStream { [meter] in
            var iterator = body.makeAsyncIterator()
            return {
                let chunk = try await iterator.next()
                meter.add(up: chunk?.readableBytes ?? 0)
                return chunk
            }
        }
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        MeteredUpload(base: upload, meter: meter)
    }
}

private struct MeteredUpload: ObjectUpload {
    let base: any ObjectUpload
    let meter: Meter

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        let part = try await meter.counting(.uploadPart) { () throws(StoreError) in
            try await base.upload(bytes, as: number)
        }
        meter.add(up: bytes.readableBytes)
        return part
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try await meter.counting(.completeUpload) { () throws(StoreError) in try await base.complete(parts) }
    }

    func abort() async throws(StoreError) {
        try await meter.counting(.abortUpload) { () throws(StoreError) in try await base.abort() }
    }
}

private final class Meter: Sendable {
    private let state = Mutex(StoreUse())

    var use: StoreUse { state.withLock { $0 } }

    func counting<Result>(
        _ request: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        state.withLock { $0.calls[request, default: 0] += 1 }
        do {
            return try await body()
        } catch {
            state.withLock { $0.failures[error.code, default: 0] += 1 }
            throw error
        }
    }

    func add(up: Int = 0, down: Int = 0) {
        state.withLock { use in
            use.bytesUp += Int64(up)
            use.bytesDown += Int64(down)
        }
    }
}
