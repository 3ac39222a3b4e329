import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// Two mirrors of one target, in one process and a time that passes fast.
@Suite struct `The lease of a target` {
    /// A mirror with a history that takes the lease under the name of `holder`.
    private final class Instance: Sendable {
        let service: MirrorService
        private let task: Task<Void, Never>

        init(
            _ holder: String, _ source: any ObjectStore, _ target: any ObjectStore, _ clock: Simulation,
            lease: Duration = .seconds(60)
        ) {
            var options = MirrorOptions()
            options.history = .full
            options.lease = LeaseTerms(holder: holder, duration: lease)
            var watch = WatchOptions()
            watch.pollInterval = .seconds(5) ... .seconds(10)
            watch.watchdog = .seconds(100_000)
            let pair = MirrorPair(
                name: holder, source: MirrorEndpoint(store: source, name: "source"),
                target: MirrorEndpoint(store: target, name: "target"), options: options, watch: watch)
            let tools = MirrorTools(clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 1))
            service = MirrorService(pairs: [pair], tools: tools)
            task = Task.apart { [service] in _ = try? await service.run() }
        }

        var state: MirrorMetrics.State { service.metrics[0].state }
        var copied: Int { service.metrics[0].counts.copied }

        func stop() async {
            task.cancel()
            _ = await task.result
        }
    }

    private func lease(_ target: any ObjectStore) async throws -> String? {
        guard try await target.contains(key(MirrorLayout.lease)) else { return nil }
        return try await target.text(MirrorLayout.lease)
    }

    @Test(.timeLimit(.minutes(3)), arguments: [BucketVersioning.never, .enabled])
    func `is one mirror's; the other waits, and takes over when it is given back`(versioning: BucketVersioning)
        async throws
    {
        let clock = Simulation()
        try await clock.run {
            let source = makeBucket("source")
            let bucket = makeBucket("target", versioning: versioning)
            let target: any ObjectStore = versioning == .never ? NoVersions(base: bucket) : bucket
            try await source.put("1", at: "a")
            let first = Instance("first", source, target, clock, lease: .seconds(3600))
            #expect(try await clock.waits { first.state == .following })
            let second = Instance("second", source, target, clock, lease: .seconds(600))
            #expect(try await clock.waits { second.state == .standby })
            try await source.put("2", at: "b")
            #expect(try await clock.waits { first.copied == 2 })
            #expect(second.state == .standby && second.copied == 0)
            #expect(second.service.metrics[0].isHealthy)
            #expect(try await lease(target)?.contains(#""holder":"first""#) == true)
            await first.stop()
            #expect(try await clock.waits { second.state == .following })
            try await source.put("3", at: "c")
            #expect(try await clock.waits { second.copied == 1 })
            await second.stop()
            #expect(try await lease(target) == nil)
            let summary = try await MirrorHistory(store: target).check()
            // The second knew nothing, and noted the two that it found equal once more.
            #expect(summary.entries == 5)
            #expect(try await target.contents().keys.sorted() == ["a", "b", "c"])
            if versioning == .enabled {
                let page = try await target.features.listVersions(VersionListRequest(prefix: MirrorLayout.lease))
                #expect(page.versions.isEmpty, "\(page.versions.count) versions of the lease are left")
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `runs out when its holder is gone without a word`() async throws {
        let clock = Simulation()
        try await clock.run {
            let (source, target) = (makeBucket("source"), makeBucket("target", versioning: .enabled))
            try await source.put("1", at: "a")
            let dead = #"{"martlet":1,"holder":"dead","renewals":7,"seconds":300}"#
            try await target.put(dead, at: MirrorLayout.lease)
            let heir = Instance("heir", source, target, clock)
            #expect(try await clock.waits { heir.state == .standby })
            #expect(try await lease(target) == dead)
            #expect(try await clock.waits { heir.state == .following })
            #expect(try await lease(target)?.contains("heir") == true)
            await heir.stop()
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `that somebody else took ends the work, and the wait begins anew`() async throws {
        let clock = Simulation()
        try await clock.run {
            let (source, target) = (makeBucket("source"), makeBucket("target", versioning: .enabled))
            let mirror = Instance("mirror", source, target, clock)
            #expect(try await clock.waits { mirror.state == .following })
            try await target.put(#"{"martlet":1,"holder":"thief","renewals":1,"seconds":600}"#, at: MirrorLayout.lease)
            #expect(try await clock.waits { mirror.state == .standby })
            #expect(mirror.service.metrics[0].errors["locked/target"] == 1)
            // The thief does not renew it either.
            #expect(try await clock.waits { mirror.state == .following })
            await mirror.stop()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `stops a single pass while its holder lives`() async throws {
        let clock = Simulation()
        try await clock.run {
            let (source, target) = (makeBucket("source"), makeBucket("target", versioning: .enabled))
            try await source.put("1", at: "a")
            let holder = Instance("holder", source, target, clock, lease: .seconds(1800))
            #expect(try await clock.waits { holder.state == .following })
            // What a pass finds to do needs the lease; it does not wait until the holder has done it.
            try await source.put("2", at: "b")
            let tools = MirrorTools(clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 2))
            let error = await #expect(throws: MirrorError.self) {
                try await mirror(source, target, tools: tools) { options in
                    options.history = .full
                    options.lease = LeaseTerms(holder: "pass")
                }
            }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("holder mirrors to memory:target") == true)
            await holder.stop()
            let report = try await mirror(source, target, tools: tools) { options in
                options.history = .full
                options.lease = LeaseTerms(holder: "pass")
            }
            #expect(report.isComplete)
            #expect(try await lease(target) == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `is kept although the store obeys no conditions, and that is said`() async throws {
        let (source, target) = (makeBucket("source"), makeBucket("target", versioning: .enabled))
        for (store, isGuarded) in [(target as any ObjectStore, true), (Unconditional(base: target), false)] {
            try await source.put("1", at: "guarded: \(isGuarded)")
            let recorder = EventRecorder()
            let clock = Simulation()
            let tools = MirrorTools(
                clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 2), observer: recorder)
            try await clock.run {
                _ = try await mirror(source, store, tools: tools) { options in
                    options.history = .full
                    options.lease = LeaseTerms(holder: "pass")
                }
            }
            let news = recorder.events.compactMap { event in
                if case .lease(let news) = event { return news }
                return nil
            }
            #expect(news == [.held(isGuarded: isGuarded)])
            #expect(try await lease(target) == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `sends the next one to the target's listing, whatever its own index says`() async throws {
        let (source, target) = (makeBucket("source"), makeBucket("target", versioning: .enabled))
        let clock = Simulation()
        try await clock.run {
            let tools = MirrorTools(clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 2))
            let (mine, others) = (try makeIndex(), try makeIndex())
            func pass(_ holder: String, _ index: MirrorIndex) async throws {
                _ = try await mirror(source, target, index: index, tools: tools) { options in
                    options.history = .full
                    options.deletes = .propagate
                    options.lease = LeaseTerms(holder: holder)
                }
            }
            try await source.put("1", at: "a")
            try await pass("mine", mine)
            #expect(try mine.isComplete)
            // Somebody else copies a key that this index never hears of, and then it goes.
            try await source.put("2", at: "b")
            try await pass("others", others)
            _ = try await source.delete([key("b")])
            // Nothing to do for all that this index knows: the target is asked nothing.
            try await pass("mine", mine)
            #expect(try await target.contents().keys.sorted() == ["a", "b"])
            // With something to do the log says that somebody else was there.
            try await source.put("3", at: "c")
            try await pass("mine", mine)
            #expect(try await target.contents().keys.sorted() == ["a", "c"])
        }
    }

    /// A store that takes conditions and does not mind them.
    private struct Unconditional: StoreAround {
        let base: any ObjectStore

        func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
            var options = options
            options.condition = .none
            return try await base.put(bytes, at: key, options: options)
        }
    }
}
