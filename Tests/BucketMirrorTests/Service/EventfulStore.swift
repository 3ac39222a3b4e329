import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization

/// How a stream of events misbehaves; shares of 100.
struct EventFaults: Sendable {
    var dropped = 0
    var repeated = 0
    /// Held back until the next one has passed.
    var swapped = 0
    /// Followed by one for a key that does not exist.
    var foreign = 0
}

/// A bucket that announces its changes, and can be made to do so badly.
final class EventfulStore: StoreAround, BucketEventSource {
    fileprivate struct State {
        var streams: [Int: AsyncStream<BucketEventBatch>.Continuation] = [:]
        var last = 0
        var isClosed = false
        var isMute = false
        var faults: EventFaults
        var random: SeededGenerator
        var held: BucketEvent?
        var opened = 0
    }

    let base: any ObjectStore
    let name = "memory"
    private let state: Mutex<State>

    init(_ base: any ObjectStore, faults: EventFaults = EventFaults(), seed: UInt64 = 1) {
        self.base = base
        state = Mutex(State(faults: faults, random: SeededGenerator(seed: seed)))
    }

    /// How many streams were opened so far.
    var opened: Int { state.withLock { $0.opened } }

    /// Ends all streams; new ones are refused while `closed`.
    func cut(closed: Bool = false) {
        let streams = state.withLock { state in
            state.isClosed = closed
            defer { state.streams = [:] }
            return state.streams.values
        }
        for stream in streams { stream.finish() }
    }

    /// Streams stay open and say nothing any more.
    func mute(_ isMute: Bool) { state.withLock { $0.isMute = isMute } }

    func send(_ batch: BucketEventBatch) {
        let streams = state.withLock { $0.isMute ? [] : Array($0.streams.values) }
        for stream in streams { stream.yield(batch) }
    }

    func open(after cursor: String?) async throws(StoreError) -> BucketEventStream {
        let (stream, continuation) = AsyncStream<BucketEventBatch>.makeStream(bufferingPolicy: .bufferingNewest(10_000))
        let isOpen = state.withLock { state in
            guard !state.isClosed else { return false }
            state.last += 1
            state.opened += 1
            state.streams[state.last] = continuation
            return true
        }
        guard isOpen else { throw StoreError(.unavailable, "no events for now") }
        return BucketEventStream(resumes: false, heartbeat: .seconds(10), batches: ChunkStream(stream))
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        let info = try await base.put(bytes, at: key, options: options)
        announce(BucketEvent(key: key, kind: .written))
        return info
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        let failures = try await base.delete(keys)
        for key in keys { announce(BucketEvent(key: key, kind: .removed)) }
        return failures
    }

    func announce(_ event: BucketEvent) {
        let events = state.withLock { $0.misbehave(event) }
        if !events.isEmpty { send(BucketEventBatch(events: events)) }
    }
}

extension EventfulStore.State {
    fileprivate mutating func misbehave(_ event: BucketEvent) -> [BucketEvent] {
        func happens(_ share: Int) -> Bool { Int(random.next() % 100) < share }
        if happens(faults.dropped) { return [] }
        if held == nil, happens(faults.swapped) {
            held = event
            return []
        }
        var events = [event]
        if let late = held { events.append(late) }
        held = nil
        if happens(faults.repeated) { events.append(event) }
        if happens(faults.foreign) { events.append(BucketEvent(key: key("nobody/knows"), kind: .written)) }
        return events
    }
}

/// A store that can go away, refuse, or fail now and then.
final class OutageStore: StoreAround {
    enum Weather: Sendable, Hashable {
        case fine
        case fails(StoreError.Code)
        /// One call of so many fails.
        case flaky(oneOf: UInt64)
    }

    let base: any ObjectStore
    private let state: Mutex<(weather: Weather, random: SeededGenerator, calls: Int)>

    init(_ base: any ObjectStore, seed: UInt64 = 3) {
        self.base = base
        state = Mutex((.fine, SeededGenerator(seed: seed), 0))
    }

    func set(_ weather: Weather) { state.withLock { $0.weather = weather } }

    var calls: Int { state.withLock { $0.calls } }

    var features: any StoreFeatures { WrappedFeatures(base.features, OutageRules(store: self)) }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try check()
        return try await base.head(key)
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try check()
        return try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        try check()
        let info = try await base.put(bytes, at: key, options: options)
        // The answer may be lost, too.
        try check()
        return info
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try check()
        return try await base.beginUpload(at: key, options: options)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try check()
        return try await base.list(request)
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try check()
        return try await base.delete(keys)
    }

    fileprivate func check() throws(StoreError) {
        let code = state.withLock { state -> StoreError.Code? in
            state.calls += 1
            switch state.weather {
            case .fine: return nil
            case .fails(let code): return code
            case .flaky(let share): return state.random.next() % share == 0 ? .unavailable : nil
            }
        }
        if let code { throw StoreError(code, "planned: \(location) is \(code.rawValue)") }
    }
}

private struct OutageRules: FeatureRules {
    let store: OutageStore

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try store.check()
        return try await body()
    }
}
