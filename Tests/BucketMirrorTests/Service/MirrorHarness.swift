import Basics
import BucketMirror
import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization
import Testing

/// A service between two buckets in memory, in a simulated time, that can be killed and started again. See `withMirror`.
final class MirrorHarness: Sendable {
    let clock: Simulation
    let sourceBucket: InMemoryObjectStore
    let targetBucket: InMemoryObjectStore
    let source: OutageStore
    let target: OutageStore
    let events: EventfulStore
    let recorder = EventRecorder()
    private let options: MirrorOptions
    private let watch: WatchOptions
    private let indexPath: String?
    private let hasEvents: Bool
    /// What the mirror sees as its source.
    private let visible = Mutex<(any ObjectStore)?>(nil)
    private let running = Mutex<(service: MirrorService, task: Task<Void, any Error>, life: Life)?>(nil)

    /// `MARTLET_SEED=N` runs all simulations in another order of events.
    static let furtherSeed = getenv("MARTLET_SEED").flatMap { UInt64(String(cString: $0)) } ?? 0

    init(
        versioning: BucketVersioning = .never, faults: EventFaults = EventFaults(), seed: UInt64 = 1,
        hasEvents: Bool = true, indexPath: String? = nil, watch: (inout WatchOptions) -> Void = { _ in },
        options: (inout MirrorOptions) -> Void = { _ in }
    ) {
        clock = Simulation(seed: seed &+ MirrorHarness.furtherSeed)
        let wall = clock.wallClock
        func bucket(_ name: String, _ versioning: BucketVersioning) -> InMemoryObjectStore {
            InMemoryObjectStore(
                location: "memory:\(name)", clock: wall, minimumPartSize: ByteCount(1), versioning: versioning,
                digest: MD5Sum.of)
        }
        sourceBucket = bucket("source", .never)
        targetBucket = bucket("target", versioning)
        source = OutageStore(sourceBucket, seed: seed)
        let visible: any ObjectStore = versioning == .never ? NoVersions(base: targetBucket) : targetBucket
        target = OutageStore(visible, seed: seed &+ 1)
        events = EventfulStore(sourceBucket, faults: faults, seed: seed)
        var watchOptions = WatchOptions()
        watchOptions.scanInterval = .seconds(60)
        watchOptions.pollInterval = .seconds(5) ... .seconds(20)
        watchOptions.watchdog = .seconds(100_000)
        watch(&watchOptions)
        self.watch = watchOptions
        self.options = MirrorOptions(options)
        self.indexPath = indexPath
        self.hasEvents = hasEvents
    }

    /// The stores of one life of the mirror: when it ends, nothing that is still under way reaches them.
    final class Life: Sendable {
        fileprivate let isOver = Atomic(false)
    }

    private struct MortalStore: StoreAround {
        let base: any ObjectStore
        let life: Life

        var features: any StoreFeatures { WrappedFeatures(base.features, MortalRules(life: life)) }

        func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
            try life.check()
            return try await base.put(bytes, at: key, options: options)
        }

        func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
            try life.check()
            return try await base.delete(keys)
        }
    }

    private struct MortalRules: FeatureRules {
        let life: Life

        func run<Result>(
            _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
        ) async throws(StoreError) -> Result {
            try life.check()
            return try await body()
        }
    }

    /// To be called before `start`.
    func sees(_ source: any ObjectStore) { visible.withLock { $0 = source } }

    func start() {
        let life = Life()
        let seen: any ObjectStore = visible.withLock { $0 } ?? source
        let pair = MirrorPair(
            name: "pair", source: MirrorEndpoint(store: seen, name: "source"),
            target: MirrorEndpoint(store: MortalStore(base: target, life: life), name: "target"), options: options,
            watch: watch, events: hasEvents ? [events] : [], indexPath: indexPath)
        let tools = MirrorTools(
            clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 5), observer: recorder)
        let service = MirrorService(pairs: [pair], tools: tools)
        let task = Task(executorPreference: clock) { [events, clock] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                // Signs of life, as a server sends them.
                group.addTask {
                    while !Task.isCancelled {
                        events.send(BucketEventBatch())
                        try await clock.sleep(for: .seconds(4))
                    }
                }
                try await group.waitForAll()
            }
        }
        running.withLock { $0 = (service, task, life) }
    }

    /// As with `kill -9`: nothing more reaches the target, nothing is tidied up.
    func kill() async {
        guard let (_, task, life) = running.withLock({ $0 }) else { return }
        life.isOver.store(true, ordering: .relaxed)
        task.cancel()
        _ = await task.result
    }

    func stop() async {
        guard let (_, task, _) = running.withLock({ $0 }) else { return }
        task.cancel()
        _ = await task.result
    }

    var metrics: MirrorMetrics { running.withLock { $0?.service.metrics.first } ?? MirrorMetrics(pair: "none") }

    /// Waits until a first scan has found both sides equal and events arrive.
    func begins() async throws -> Bool {
        try await clock.waits {
            let metrics = self.metrics
            return metrics.lagObjects == 0 && metrics.state == .following && metrics.streamsUp.values.contains(true)
        }
    }

    /// Waits until everything written so far is said to be in the backup.
    func settles(upTo limit: Duration = .seconds(6000)) async throws -> Bool {
        let now = clock.wallClock.now()
        return try await clock.waits(upTo: limit) {
            let metrics = self.metrics
            return metrics.lagObjects == 0 && metrics.replicatedThrough.map { $0 > now } ?? false
        }
    }

    func expectEqual(_ location: SourceLocation = #_sourceLocation) async throws {
        let (left, right) = (try await sourceBucket.contents(), try await targetBucket.contents())
        let differing = Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }
        #expect(differing.isEmpty, "\(differing.count) keys differ", sourceLocation: location)
    }
}

extension MirrorHarness.Life {
    fileprivate func check() throws(StoreError) {
        if isOver.load(ordering: .relaxed) { throw StoreError(.cancelled, "this mirror is dead") }
    }
}

/// Runs `body` with a mirror that is stopped afterwards.
func withMirror(_ harness: MirrorHarness, _ body: sending (MirrorHarness) async throws -> Void) async throws {
    try await harness.clock.run {
        harness.start()
        do {
            try await body(harness)
        } catch {
            await harness.stop()
            throw error
        }
        await harness.stop()
    }
}
