import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization

/// A store that really takes time: a server's, or a folder. The simulated clock stands still while it is asked.
struct RealStore: StoreAround {
    let base: any ObjectStore
    let simulation: Simulation

    var features: any StoreFeatures { WrappedFeatures(base.features, Rules(simulation: simulation)) }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await simulation.outside { () throws(StoreError) in try await base.head(key) }
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await simulation.outside { () throws(StoreError) in try await base.get(key, options: options) }
        return StoredObject(info: object.info, body: simulation.slowing(object.body))
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try await simulation.outside { () throws(StoreError) in try await base.put(bytes, at: key, options: options) }
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await simulation.outside { () throws(StoreError) in
            try await base.beginUpload(at: key, options: options)
        }
        return Upload(base: upload, simulation: simulation)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try await simulation.outside { () throws(StoreError) in try await base.list(request) }
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await simulation.outside { () throws(StoreError) in try await base.delete(keys) }
    }

    private struct Upload: ObjectUpload {
        let base: any ObjectUpload
        let simulation: Simulation
        var id: String? { base.id }

        func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
            try await simulation.outside { () throws(StoreError) in try await base.upload(bytes, as: number) }
        }

        func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
            try await simulation.outside { () throws(StoreError) in try await base.complete(parts) }
        }

        func abort() async throws(StoreError) {
            try await simulation.outside { () throws(StoreError) in try await base.abort() }
        }
    }

    private struct Rules: FeatureRules {
        let simulation: Simulation

        func run<Result>(
            _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
        ) async throws(StoreError) -> Result {
            try await simulation.outside(body)
        }

        func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
            Upload(base: upload, simulation: simulation)
        }
    }
}

extension Simulation {
    fileprivate func slowing(_ body: ByteStream) -> ByteStream {
        ByteStream { [self] in
            var iterator = body.makeAsyncIterator()
            return { try await self.outside { try await iterator.next() } }
        }
    }
}

/// The events of a real server: they come when they come, whatever the simulated clock shows. So silence means nothing
/// here, and who waits for one lets the clock stand.
final class RealEvents: BucketEventSource {
    struct Signs: Sendable {
        var opened = 0
        var ended = 0
        /// Batches that said so.
        var lost = 0
    }

    private struct State {
        var signs = Signs()
        var waiting: [(condition: @Sendable (Signs) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let name: String
    private let base: any BucketEventSource
    private let simulation: Simulation
    private let state = Mutex(State())

    init(_ base: any BucketEventSource, _ simulation: Simulation) {
        self.base = base
        self.simulation = simulation
        name = base.name
    }

    var signs: Signs { state.withLock { $0.signs } }

    func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        let stream = try await simulation.outside { () throws(StoreError) in try await base.open(after: cursor) }
        note { $0.opened += 1 }
        let batches = ChunkStream<BucketEventBatch> { [self] in
            var iterator = stream.batches.makeAsyncIterator()
            return {
                do {
                    let batch = try await iterator.next()
                    self.note { signs in
                        if batch == nil { signs.ended += 1 }
                        if batch?.lostSome == true { signs.lost += 1 }
                    }
                    return batch
                } catch {
                    self.note { $0.ended += 1 }
                    throw error
                }
            }
        }
        return BucketEventStream(resumes: stream.resumes, heartbeat: nil, batches: batches)
    }

    /// Does `action` again and again, in real time, until the stream shows it: the server may not know yet of a stream whose
    /// opening was answered this moment.
    func insist(until condition: (Signs) -> Bool, action: () async -> Void) async throws {
        try await simulation.outside {
            while !condition(signs) {
                await action()
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits, in real time, until the stream has shown something that is certain to come.
    func waits(until condition: @escaping @Sendable (Signs) -> Bool) async {
        await simulation.outside {
            await withCheckedContinuation { continuation in
                let holds = state.withLock { state in
                    if condition(state.signs) { return true }
                    state.waiting.append((condition, continuation))
                    return false
                }
                if holds { continuation.resume() }
            }
        }
    }

    private func note(_ change: (inout Signs) -> Void) {
        let ready = state.withLock { state in
            change(&state.signs)
            let signs = state.signs
            let ready = state.waiting.filter { $0.condition(signs) }
            state.waiting.removeAll { $0.condition(signs) }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }
}
