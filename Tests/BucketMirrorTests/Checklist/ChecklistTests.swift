import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization
import Testing

/// The behaviour that a mirror must have, line by line, each named as the list names it. Over buckets in memory; what
/// happens on the wire is tested with the S3 store.
@Suite struct `Checklist: one pass` {
    @Test(arguments: 1...24)
    func `kill at any point, restart: target equals source, no duplicate work`(point: Int) async throws {
        try await withTemporaryFolder { path in
            let (source, target) = (makeBucket("s"), makeBucket("t", versioning: .enabled))
            try await source.fill(12)
            let upload = try await source.beginUpload(at: key("large"), options: PutOptions())
            var parts: [UploadedPart] = []
            for number in 1...4 { parts.append(try await upload.upload(patternBytes(1500), as: number)) }
            _ = try await upload.complete(parts)
            func change(_ options: inout MirrorOptions) {
                options.workers = 3
                options.largeObject = ByteCount(1000)
            }
            let dying = DyingStore(target, atWrite: point)
            _ = try? await mirror(source, dying, index: try makeIndex(path + "/i"), change)
            let done = try await target.contents().count
            let second = try await mirror(source, target, index: try makeIndex(path + "/i"), change)
            #expect(second.isComplete && second.counts.copied == 13 - done)
            #expect(try await target.contents() == source.contents())
            #expect(try await MirrorHistory(store: target).check().entries >= 13)
            let third = try await mirror(source, target, index: try makeIndex(path + "/i"), change)
            #expect(third.counts.copied == 0)
        }
    }

    @Test func `a listing page fails 20 times: no delete, no early end`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(2500)
        _ = try await mirror(source, target)
        let faults = (2...21).map { FaultyStore.Fault(.list, nth: $0, .fail(.unavailable)) }
        let faulty = FaultyStore(source, faults: faults)
        let retrying = RetryingStore(
            faulty, policy: StoreRetryPolicy(tries: 30, deadline: .seconds(9999)), clock: SkippingClock(),
            random: SeededGenerator(seed: 1))
        let report = try await mirror(retrying, target) { $0.deletes = .propagate }
        #expect(report.counts.compared == 2500 && report.counts.removed == 0 && faulty.unmet.isEmpty)
    }

    @Test(arguments: [StoreError.Code.unavailable, .invalid, .forbidden, .notFound])
    func `a listing that breaks off is an error and deletes nothing`(code: StoreError.Code) async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(2500)
        _ = try await mirror(source, target)
        let faulty = FaultyStore(source, faults: [.init(.list, nth: 2, .fail(code))])
        await #expect(throws: MirrorError.self) {
            try await mirror(faulty, target) {
                $0.deletes = .propagate
                $0.brake = nil
            }
        }
        #expect(try await target.contents().count == 2500)
    }

    @Test func `503 on every third request`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(100)
        func thirds(_ store: any ObjectStore) -> any ObjectStore {
            let faults = [FaultyStore.Call.get, .put, .list].flatMap { call in
                stride(from: 3, to: 600, by: 3).map { FaultyStore.Fault(call, nth: $0, .fail(.throttled)) }
            }
            let faulty = FaultyStore(store, faults: faults)
            return RetryingStore(faulty, clock: SkippingClock(), random: SeededGenerator(seed: 1))
        }
        #expect(try await mirror(thirds(source), thirds(target)).isComplete)
        #expect(try await target.contents() == source.contents())
    }

    @Test func `an empty last page is an end, a page that goes round in circles is none`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(1000)
        #expect(try await mirror(EmptyLastPage(base: source), target).counts.copied == 1000)
        await #expect(throws: MirrorError.self) { try await mirror(CircularPages(base: source), target) }
        let error = await #expect(throws: MirrorError.self) { try await mirror(WheelOfPages(base: source), target) }
        #expect(error?.code == .listing)
    }

    @Test(arguments: OddKey.allCases)
    func `every odd key`(odd: OddKey) async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t", versioning: .enabled))
        _ = try await source.put(bytes(odd.rawValue), at: odd.key, options: PutOptions())
        let index = try makeIndex()
        #expect(try await mirror(source, target, index: index).counts.copied == 1)
        #expect(try await mirror(source, target, index: index).counts.equal == 1)
        let back = makeBucket("back")
        let restore = BucketRestore(
            backup: MirrorEndpoint(store: target, name: "t"), destination: MirrorEndpoint(store: back, name: "b"),
            options: RestoreOptions(), tools: makeTools())
        #expect(try await restore.run().isComplete)
        #expect(try await back.read(odd.key, limit: .kibibytes(1)) == bytes(odd.rawValue))
    }

    @Test func `all odd keys together, with a folded pair and a key beside its prefix`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        for odd in OddKey.allCases { _ = try await source.put(bytes(odd.rawValue), at: odd.key, options: PutOptions()) }
        for name in ["a", "a/b", "a/b/c"] { try await source.put(name, at: name) }
        let report = try await mirror(source, target, index: try makeIndex())
        #expect(report.isComplete && report.counts.copied == OddKey.allCases.count + 3)
        #expect(try await target.contents() == source.contents())
    }

    @Test(arguments: [(5 << 30) - 1, 5 << 30, (5 << 30) + 1, 40 << 30])
    func `sizes around 5 GiB, and 10,000 parts`(size: Int64) async throws {
        let source = SparseStore(key: key("huge"), size: size)
        let sink = SinkStore()
        let report = try await mirror(source, sink) {
            $0.history = .off
            $0.partSize = .mebibytes(16)
        }
        #expect(report.isComplete && sink.stored == size)
        #expect(sink.largestRequest <= 5 << 30 && sink.parts <= 10_000)
        #expect((sink.parts == 0) == (size <= 5 << 30))
    }

    @Test(arguments: ["-1", "-3", "kms", "random", "none"])
    func `tags of every kind`(kind: String) async throws {
        let (bucket, target) = (makeBucket("s"), makeBucket("t"))
        for number in 0..<5 {
            _ = try await bucket.put(
                patternBytes(500, seed: UInt64(number)), at: key("k\(number)"), options: PutOptions())
        }
        let source = StrangeTags(base: bucket, kind: kind)
        let first = try await mirror(source, target) { $0.largeObject = ByteCount(100_000) }
        #expect(first.isComplete && first.counts.copied == 5)
        #expect(try await target.contents() == bucket.contents())
        // The second pass may have to look once more at what had no stamp; the third knows everything.
        _ = try await mirror(source, target)
        let third = try await mirror(source, target)
        #expect(kind == "none" || third.counts.copied == 0)
    }

    @Test func `same size, new content, older source time: copied`() async throws {
        let clock = MovableClock("2026-01-02T00:00:00Z")
        let (source, target) = (makeBucket("s", clock: clock), makeBucket("t"))
        try await source.put("one", at: "a")
        _ = try await mirror(source, target)
        clock.advance(.seconds(-86_400))
        try await source.put("two", at: "a")
        #expect(try await mirror(source, target).counts.copied == 1)
    }

    @Test(arguments: [-1200, 1200])
    func `clock skew between stores: no effect`(seconds: Int) async throws {
        let (here, there) = (MovableClock(), MovableClock())
        there.advance(.seconds(seconds))
        let (source, target) = (makeBucket("s", clock: here), makeBucket("t", clock: there))
        try await source.fill(10)
        #expect(try await mirror(source, target).counts.copied == 10)
        #expect(try await mirror(source, target).counts.copied == 0)
        #expect(try await mirror(target, source).counts.copied == 0)
    }

    @Test func `a source that is empty or another bucket all at once: brake`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(3000)
        let index = try makeIndex()
        func propagating(_ options: inout MirrorOptions) { options.deletes = .propagate }
        _ = try await mirror(source, target, index: index, propagating)
        _ = try await source.delete((0..<2700).map { key("objects/\(padded($0, 6))") })
        let report = try await mirror(source, target, index: index, propagating)
        #expect(report.counts.held == 2700 && report.counts.removed == 0 && !report.isComplete)
        #expect(try await target.contents().count == 3000)
    }
}

@Suite struct `Checklist: continuous` {
    @Test(arguments: [5, 60, 600], ["source", "target", "both"])
    func `one side away for a while: converges, no restart, gap counted`(seconds: Int, side: String) async throws {
        try await withMirror(MirrorHarness(versioning: .enabled)) { mirror in
            try await mirror.sourceBucket.fill(50)
            #expect(try await mirror.settles())
            if side != "target" {
                mirror.source.set(.fails(.unavailable))
                mirror.events.cut(closed: true)
            }
            if side != "source" { mirror.target.set(.fails(.unavailable)) }
            for number in 0..<30 { try await mirror.events.put("while away", at: "objects/\(padded(number, 6))") }
            try await mirror.clock.sleep(for: .seconds(seconds))
            mirror.source.set(.fine)
            mirror.target.set(.fine)
            mirror.events.cut()
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            #expect(mirror.metrics.gaps[.ended, default: 0] >= 1)
            #expect(mirror.metrics.watchdogRestarts == 0)
        }
    }

    @Test func `the stream ends cleanly every 10 s`() async throws {
        try await withMirror(MirrorHarness()) { mirror in
            for round in 0..<12 {
                try await mirror.events.put("\(round)", at: "k\(round % 5)")
                try await mirror.clock.sleep(for: .seconds(10))
                let opened = mirror.events.opened
                mirror.events.cut()
                #expect(try await mirror.clock.waits { mirror.events.opened > opened })
            }
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            #expect(mirror.events.opened >= 12)
        }
    }

    @Test(arguments: [
        EventFaults(dropped: 10), EventFaults(repeated: 50), EventFaults(swapped: 40), EventFaults(foreign: 30),
        EventFaults(dropped: 10, repeated: 20, swapped: 20, foreign: 10),
    ])
    func `events dropped, repeated, out of order, of others: converges within one scan`(
        faults: EventFaults
    ) async throws {
        let harness = MirrorHarness(faults: faults) { _ in
        } options: {
            $0.deletes = .propagate
            $0.brake = nil
        }
        try await withMirror(harness) { mirror in
            for number in 0..<300 {
                try await mirror.events.put("\(number)", at: "k\(number % 40)")
                if number % 7 == 0 { _ = try await mirror.events.delete([key("k\(number % 13)")]) }
            }
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
        }
    }

    @Test func `what cannot be understood is a gap`() async throws {
        try await withMirror(MirrorHarness { $0.scanInterval = .seconds(100_000) }) { mirror in
            #expect(try await mirror.begins())
            try await mirror.sourceBucket.put("unheard", at: "a")
            mirror.events.send(BucketEventBatch(lostSome: true))
            #expect(try await mirror.clock.waits { (try? await mirror.targetBucket.text("a")) == "unheard" })
            #expect(try await mirror.clock.waits { mirror.metrics.gaps[.lost] == 1 })
        }
    }

    @Test func `a key rewritten without pause, growing and shrinking: every stored version is a whole source state`()
        async throws
    {
        let harness = MirrorHarness(versioning: .enabled) { _ in
        } options: {
            $0.largeObject = ByteCount(4000)
            $0.partSize = ByteCount(1500)
        }
        try await withMirror(harness) { mirror in
            var states: Set<String> = []
            for number in 0..<400 {
                let size = [17, 3000, 9000, 0, 5000, 12_000][number % 6]
                let content = patternBytes(size, seed: UInt64(number))
                states.insert(String(buffer: content))
                _ = try await mirror.events.put(content, at: key("hot"), options: PutOptions())
                if number % 20 == 0 { try await mirror.clock.sleep(for: .seconds(1)) }
            }
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            let versions = try await mirror.targetBucket.features.listVersions(VersionListRequest(prefix: "hot"))
                .versions
            #expect(!versions.isEmpty)
            for version in versions {
                let options = GetOptions(versionID: version.info.versionID)
                let stored = try await mirror.targetBucket.read(key("hot"), limit: .mebibytes(1), options: options)
                #expect(states.contains(String(buffer: stored)))
            }
        }
    }

    @Test func `put, delete and put from many clients on one key: final states equal`() async throws {
        let harness = MirrorHarness { _ in
        } options: {
            $0.deletes = .propagate
            $0.brake = nil
        }
        try await withMirror(harness) { mirror in
            try await forEachConcurrently(0..<8, limit: 8) { client in
                for number in 0..<60 {
                    try await mirror.events.put("\(client) \(number)", at: "one")
                    if (client + number) % 3 == 0 { _ = try await mirror.events.delete([key("one")]) }
                }
            }
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
        }
    }

    @Test func `more changes than it keeps in mind are a gap, and nothing is forgotten`() async throws {
        try await withMirror(MirrorHarness { $0.waitingKeys = 20 }) { mirror in
            #expect(try await mirror.settles())
            mirror.target.set(.fails(.unavailable))
            for number in 0..<200 { try await mirror.events.put("\(number)", at: "k\(number)") }
            #expect(try await mirror.clock.waits { mirror.metrics.gaps[.overload, default: 0] > 0 })
            #expect(mirror.metrics.lagObjects <= 20)
            mirror.target.set(.fine)
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
        }
    }

    @Test func `a flaky source and a flaky target at once`() async throws {
        try await withMirror(MirrorHarness(versioning: .enabled)) { mirror in
            mirror.source.set(.flaky(oneOf: 4))
            mirror.target.set(.flaky(oneOf: 4))
            for number in 0..<200 { try await mirror.events.put("\(number)", at: "k\(number)") }
            try await mirror.clock.sleep(for: .seconds(60))
            mirror.source.set(.fine)
            mirror.target.set(.fine)
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            _ = try await MirrorHistory(store: mirror.targetBucket).check()
        }
    }
}
