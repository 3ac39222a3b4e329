import Basics
package import ObjectStorage
import Synchronization

/// Two ends that are kept together for ever.
package struct MirrorPair: Sendable {
    /// Unique in a service; in metrics.
    package var name: String
    package var source: MirrorEndpoint
    package var target: MirrorEndpoint
    package var options: MirrorOptions
    package var watch: WatchOptions
    package var events: [any BucketEventSource]
    /// Where the index lies; nil keeps it in memory, and the next start lists the target.
    package var indexPath: String?

    package init(
        name: String, source: MirrorEndpoint, target: MirrorEndpoint, options: MirrorOptions = MirrorOptions(),
        watch: WatchOptions = WatchOptions(), events: [any BucketEventSource] = [], indexPath: String? = nil
    ) {
        self.name = name
        self.source = source
        self.target = target
        self.options = options
        self.watch = watch
        self.events = events
        self.indexPath = indexPath
    }
}

package struct WatchOptions: Sendable, Hashable {
    /// Between complete scans of the source while events arrive.
    package var scanInterval = Duration.seconds(900)
    /// The shortest and longest pause between scans when there are no events; it adapts to how much changes.
    package var pollInterval: ClosedRange<Duration> = .seconds(5) ... .seconds(300)
    /// A key is copied once nothing happened to it for so long...
    package var settle = Duration.zero
    /// ...but at the latest so long after the first change.
    package var settleAtMost = Duration.seconds(900)
    /// How many keys may wait in memory; more are a gap, which a scan closes.
    package var waitingKeys = 200_000
    /// A stage that shows no progress for so long is started again.
    package var watchdog = Duration.seconds(300)

    package init() {}
}

/// Keeps any number of pairs together. Nothing ends it but cancellation: whatever fails is tried again, later and later,
/// and said in the metrics meanwhile.
package final class MirrorService: Sendable {
    private let services: [PairService]
    private let alive = Atomic(true)

    package init(pairs: [MirrorPair], tools: MirrorTools) {
        services = pairs.map { PairService(pair: $0, tools: tools) }
    }

    /// Runs until the task is cancelled; copies under way are finished or given up cleanly.
    /// - Throws: `.invalid` at once if two pairs have one name or one index.
    package func run() async throws(MirrorError) {
        let names = services.map(\.pair.name)
        let paths = services.compactMap(\.pair.indexPath)
        guard Set(names).count == names.count, Set(paths).count == paths.count else {
            throw MirrorError(
                .invalid, "every pair needs a name and an index of its own: \(names.joined(separator: ", "))")
        }
        await withTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { await service.run() } }
            await group.waitForAll()
        }
        alive.store(false, ordering: .relaxed)
    }

    /// How all pairs stand, in the order they were given. Cheap; for a metrics endpoint.
    package var metrics: [MirrorMetrics] { services.map(\.metrics) }

    /// Whether the supervisor itself is alive: the one reason for a liveness probe to fail.
    package var isAlive: Bool { alive.load(ordering: .relaxed) }
}
