package import Basics
package import NIOCore
import Synchronization

/// Keeps the average of bytes per second, up and down apart, under a limit. A put or a part is one piece: it waits for the
/// time of those before it and then goes at full speed.
package final class ThrottledStore: ObjectStore {
    private let base: any ObjectStore
    private let up: Throttle
    private let down: Throttle

    /// - Parameters: bytes per second; nil for no limit.
    package init(_ base: any ObjectStore, up: ByteCount?, down: ByteCount?, clock: any Clock<Duration>) {
        self.base = base
        self.up = Throttle(up, clock)
        self.down = Throttle(down, clock)
    }

    package var location: String { base.location }

    package var features: any StoreFeatures { WrappedFeatures(base.features, ThrottleRules(up: up)) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await base.get(key, options: options)
        let body = ByteStream { [down] in
            var iterator = object.body.makeAsyncIterator()
            return {
                guard let chunk = try await iterator.next() else { return nil }
                try await down.wait(for: chunk.readableBytes)
                return chunk
            }
        }
        return StoredObject(info: object.info, body: body)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        try await up.wait(for: bytes.readableBytes)
        return try await base.put(bytes, at: key, options: options)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        ThrottledUpload(base: try await base.beginUpload(at: key, options: options), up: up)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await base.delete(keys)
    }
}

private struct ThrottleRules: FeatureRules {
    let up: Throttle

    func outgoing(_ body: ByteStream) -> ByteStream {
        ByteStream { [up] in
            var iterator = body.makeAsyncIterator()
            return {
                guard let chunk = try await iterator.next() else { return nil }
                try await up.wait(for: chunk.readableBytes)
                return chunk
            }
        }
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        ThrottledUpload(base: upload, up: up)
    }
}

private struct ThrottledUpload: ObjectUpload {
    let base: any ObjectUpload
    let up: Throttle

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try await up.wait(for: bytes.readableBytes)
        return try await base.upload(bytes, as: number)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo { try await base.complete(parts) }

    func abort() async throws(StoreError) { try await base.abort() }
}

/// One direction of a throttled store.
private final class Throttle: Sendable {
    private let rate: Mutex<ByteRate>?
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch

    init(_ limit: ByteCount?, _ clock: any Clock<Duration>) {
        rate = limit.map { Mutex(ByteRate(bytesPerSecond: $0.bytes)) }
        self.clock = clock
        stopwatch = Stopwatch(clock)
    }

    func wait(for count: Int) async throws(StoreError) {
        guard let pause = rate?.withLock({ $0.reserve(count, now: stopwatch.elapsed) }), pause > .zero else { return }
        do {
            try await clock.sleep(for: pause)
        } catch {
            throw StoreError(error, while: "waiting for the bandwidth limit")
        }
    }
}
