import Basics
import MartletTestSupport
import ObjectStorage
import Synchronization

/// Never answers the first calls of a kind, until whoever asks gives up.
final class HangingStore: StoreAround {
    enum Call: Sendable { case get, chunk, list }

    let base: any ObjectStore
    private let call: Call
    private let times: Mutex<Int>

    init(_ base: any ObjectStore, _ call: Call, times: Int) {
        self.base = base
        self.call = call
        self.times = Mutex(times)
    }

    /// How many calls will still hang.
    var left: Int { times.withLock { $0 } }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        if takes(.get) { throw await hang() }
        let object = try await base.get(key, options: options)
        guard takes(.chunk) else { return object }
        return StoredObject(info: object.info, body: ByteStream { [self] in { throw await self.hang() } })
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        if takes(.list) { throw await hang() }
        return try await base.list(request)
    }

    private func takes(_ other: Call) -> Bool {
        times.withLock { times in
            guard other == call, times > 0 else { return false }
            times -= 1
            return true
        }
    }

    /// Ends with the task's cancellation only.
    private func hang() async -> StoreError {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        return StoreError(.cancelled, "given up")
    }
}
