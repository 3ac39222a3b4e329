import Basics
package import NIOCore
package import ObjectStorage
import Synchronization

/// A store that fails on purpose, at chosen calls, and tells afterwards whether it did.
package final class FaultyStore: ObjectStore {
    package enum Call: String, Sendable, CaseIterable {
        case head, get, put, list, delete, beginUpload, uploadPart, complete, abort, describe, annotate, copy
    }

    package enum Effect: Sendable, Hashable {
        /// Nothing happens but the error.
        case fail(StoreError.Code, retryAfter: Duration? = nil)
        /// It happens, and the answer is lost.
        case loseAnswer
        /// Only so many bytes are written, and the answer is lost: what a store does that breaks its promise. Of puts.
        case tear(keeping: Int)
        /// The body ends with `.unavailable` after so many bytes. Of gets.
        case breakBody(after: Int)
        /// The body ends after so many bytes as if it were whole. Of gets.
        case truncateBody(after: Int)
        /// One bit of the body is another. Of gets.
        case flipBit(at: Int)
        /// The listing does not have the key that was put last. Of lists.
        case hideNewest
        /// The call waits, on the store's clock.
        case delay(Duration)
    }

    /// At the `nth` call of that kind, counted from 1.
    package struct Fault: Sendable, Hashable {
        package let call: Call
        package let nth: Int
        package let effect: Effect

        package init(_ call: Call, nth: Int, _ effect: Effect) {
            self.call = call
            self.nth = nth
            self.effect = effect
        }
    }

    private struct State {
        var counts: [Call: Int] = [:]
        var pending: [Fault]
        var newest: ObjectKey?
    }

    private let base: any ObjectStore
    private let clock: any Clock<Duration>
    private let state: Mutex<State>

    package init(_ base: any ObjectStore, faults: [Fault], clock: any Clock<Duration> = SkippingClock()) {
        self.base = base
        self.clock = clock
        state = Mutex(State(pending: faults))
    }

    /// Faults that no call has met: empty at the end of a good test.
    package var unmet: [Fault] { state.withLock { $0.pending } }

    /// How many calls of that kind came.
    package func count(_ call: Call) -> Int { state.withLock { $0.counts[call] ?? 0 } }

    package var location: String { base.location }

    package var features: any StoreFeatures { WrappedFeatures(base.features, FaultRules(store: self)) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await meeting(.head) { _ throws(StoreError) in try await base.head(key) }
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await meeting(.get) { effect throws(StoreError) in
            let object = try await base.get(key, options: options)
            return StoredObject(info: object.info, body: object.body.suffering(effect))
        }
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let info = try await meeting(.put) { effect throws(StoreError) in
            guard case .tear(let count) = effect else { return try await base.put(bytes, at: key, options: options) }
            let torn = bytes.getSlice(at: bytes.readerIndex, length: min(count, bytes.readableBytes)) ?? ByteBuffer()
            _ = try await base.put(torn, at: key, options: options)
            throw StoreError(.unavailable, "planned: the write of '\(key)' was torn after \(count) bytes")
        }
        state.withLock { $0.newest = key }
        return info
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await meeting(.beginUpload) { _ throws(StoreError) in
            try await base.beginUpload(at: key, options: options)
        }
        return FaultyUpload(base: upload, store: self)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try await meeting(.list) { effect throws(StoreError) in
            var page = try await base.list(request)
            let newest = state.withLock { $0.newest }
            if effect == .hideNewest { page.objects.removeAll { $0.key == newest } }
            return page
        }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await meeting(.delete) { _ throws(StoreError) in try await base.delete(keys) }
    }

    /// Runs `body` under the fault planned for this call, if there is one.
    fileprivate func meeting<Result>(
        _ call: Call, _ body: (Effect?) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let effect = state.withLock { state -> Effect? in
            let count = state.counts[call, default: 0] + 1
            state.counts[call] = count
            let index = state.pending.firstIndex { $0.call == call && $0.nth == count }
            return index.map { state.pending.remove(at: $0).effect }
        }
        switch effect {
        case .fail(let code, let retryAfter):
            throw StoreError(code, "planned: \(call.rawValue) fails", retryAfter: retryAfter)
        case .loseAnswer:
            _ = try await body(nil)
            throw StoreError(.unavailable, "planned: the answer to \(call.rawValue) is lost")
        case .delay(let pause):
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw StoreError(error, while: "planned: the delay of \(call.rawValue)")
            }
            return try await body(nil)
        default: return try await body(effect)
        }
    }
}

private struct FaultRules: FeatureRules {
    let store: FaultyStore

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        guard let known = FaultyStore.Call(rawValue: call.rawValue) else { return try await body() }
        return try await store.meeting(known) { _ throws(StoreError) in try await body() }
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        FaultyUpload(base: upload, store: store)
    }
}

private struct FaultyUpload: ObjectUpload {
    let base: any ObjectUpload
    let store: FaultyStore

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try await store.meeting(.uploadPart) { _ throws(StoreError) in try await base.upload(bytes, as: number) }
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try await store.meeting(.complete) { _ throws(StoreError) in try await base.complete(parts) }
    }

    func abort() async throws(StoreError) {
        try await store.meeting(.abort) { _ throws(StoreError) in try await base.abort() }
    }
}

extension ByteStream {
    fileprivate func suffering(_ effect: FaultyStore.Effect?) -> ByteStream {
        switch effect {
        case .breakBody(let count):
            return cut(after: count) { throw StoreError(.unavailable, "planned: the body breaks after \(count) bytes") }
        case .truncateBody(let count):
            return cut(after: count) {}
        case .flipBit(let place):
            return flippingBit(at: place)
        default:
            return self
        }
    }

    private func cut(after count: Int, end: @escaping @Sendable () throws -> Void) -> ByteStream {
        ByteStream { [self] in
            var iterator = makeAsyncIterator()
            var rest = count
            return {
                guard rest > 0, var chunk = try await iterator.next() else {
                    try end()
                    return nil
                }
                let slice = chunk.readSlice(length: Swift.min(rest, chunk.readableBytes))
                rest -= slice?.readableBytes ?? 0
                return slice
            }
        }
    }

    private func flippingBit(at place: Int) -> ByteStream {
        ByteStream { [self] in
            var iterator = makeAsyncIterator()
            var position = 0
            return {
                guard var chunk = try await iterator.next() else { return nil }
                let index = chunk.readerIndex + place - position
                if place >= position, let byte: UInt8 = chunk.getInteger(at: index) {
                    chunk.setInteger(byte ^ 1, at: index)
                }
                position += chunk.readableBytes
                return chunk
            }
        }
    }
}
