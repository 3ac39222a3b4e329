import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `A service` {
    @Test func `copies what is there, then what events tell, then deletes nothing`() async throws {
        try await withMirror(MirrorHarness()) { mirror in
            try await mirror.sourceBucket.fill(300)
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            try await mirror.events.put("told", at: "by event")
            #expect(try await mirror.clock.waits { (try? await mirror.targetBucket.text("by event")) == "told" })
            _ = try await mirror.events.delete([key("by event")])
            #expect(try await mirror.settles())
            #expect(try await mirror.targetBucket.text("by event") == "told")
            #expect(mirror.metrics.isHealthy && mirror.metrics.state == .following)
            #expect(mirror.metrics.streamsUp == ["memory": true])
        }
    }

    @Test func `repairs the silent loss of events by a scan, and counts it`() async throws {
        try await withMirror(MirrorHarness()) { mirror in
            try await mirror.sourceBucket.put("x", at: "first")
            #expect(try await mirror.settles())
            // The scans that the start asks for are over, too.
            try await mirror.clock.sleep(for: .seconds(100))
            let before = mirror.metrics
            try await mirror.sourceBucket.put("nobody says so", at: "second")
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            #expect(mirror.metrics.missedEvents > before.missedEvents)
        }
    }

    @Test func `takes the end of a stream for a gap and scans`() async throws {
        try await withMirror(MirrorHarness { $0.scanInterval = .seconds(100_000) }) { mirror in
            #expect(try await mirror.begins())
            mirror.events.cut()
            try await mirror.sourceBucket.put("in the gap", at: "a")
            // A scan that the start asked for may find it before the end of the stream does.
            #expect(try await mirror.clock.waits { mirror.metrics.gaps[.ended, default: 0] >= 1 })
            #expect(try await mirror.clock.waits { (try? await mirror.targetBucket.text("a")) == "in the gap" })
        }
    }

    @Test func `ends a stream that gives no sign of life`() async throws {
        try await withMirror(MirrorHarness { $0.scanInterval = .seconds(100_000) }) { mirror in
            #expect(try await mirror.begins())
            mirror.events.mute(true)
            try await mirror.events.put("unheard", at: "a")
            #expect(try await mirror.clock.waits { mirror.metrics.gaps[.silent, default: 0] >= 1 })
            #expect(try await mirror.clock.waits { (try? await mirror.targetBucket.text("a")) == "unheard" })
        }
    }

    @Test func `works without events, by scans alone`() async throws {
        try await withMirror(MirrorHarness(hasEvents: false)) { mirror in
            try await mirror.sourceBucket.fill(20)
            #expect(try await mirror.settles())
            try await mirror.sourceBucket.put("later", at: "b")
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
        }
    }

    @Test(arguments: [StoreError.Code.unauthorized, .forbidden, .notFound, .unavailable, .limitExceeded])
    func `rests while the target refuses, says why, and goes on alone`(code: StoreError.Code) async throws {
        try await withMirror(MirrorHarness()) { mirror in
            #expect(try await mirror.settles())
            mirror.target.set(.fails(code))
            for number in 0..<20 { try await mirror.events.put("\(number)", at: "k\(number)") }
            #expect(try await mirror.clock.waits { mirror.metrics.state == .paused })
            #expect(mirror.metrics.pausedBecause?.contains("planned") == true && !mirror.metrics.isHealthy)
            mirror.target.set(.fine)
            #expect(try await mirror.settles())
            #expect(mirror.metrics.state != .paused)
            try await mirror.expectEqual()
        }
    }

    @Test func `does not take a source that is gone for deletes`() async throws {
        let harness = MirrorHarness(versioning: .enabled) { _ in
        } options: {
            $0.deletes = .propagate
            $0.brake = nil
        }
        try await withMirror(harness) { mirror in
            try await mirror.sourceBucket.fill(50)
            #expect(try await mirror.settles())
            for code in [StoreError.Code.notFound, .forbidden, .unavailable] {
                mirror.source.set(.fails(code))
                for number in 0..<50 {
                    mirror.events.announce(BucketEvent(key: key("objects/\(padded(number, 6))"), kind: .removed))
                }
                let calls = mirror.source.calls
                #expect(
                    try await mirror.clock.waits { mirror.source.calls > calls + 60 || mirror.metrics.state == .paused }
                )
                #expect(try await mirror.targetBucket.contents().count == 50)
            }
            mirror.source.set(.fine)
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
        }
    }

    @Test func `propagates deletes where that is wanted, and brakes`() async throws {
        let harness = MirrorHarness(versioning: .enabled) { _ in
        } options: {
            $0.deletes = .propagate
            $0.brake = MassDeleteBrake(count: 5, share: 0.05)
        }
        try await withMirror(harness) { mirror in
            try await mirror.sourceBucket.fill(60)
            #expect(try await mirror.settles())
            _ = try await mirror.events.delete([key("objects/000001"), key("objects/000002")])
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            _ = try await mirror.events.delete((10..<50).map { key("objects/\(padded($0, 6))") })
            #expect(try await mirror.clock.waits { mirror.metrics.deletesHeld >= 30 })
            #expect(try await mirror.targetBucket.contents().count >= 50)
            #expect(!mirror.metrics.isHealthy)
        }
    }

    @Test func `quarantines a key that never works, and the others go on`() async throws {
        try await withMirror(MirrorHarness()) { mirror in
            let picky = key("a/b")
            try await mirror.sourceBucket.put("x", at: "a")
            #expect(try await mirror.settles())
            try await withTemporaryFolder { path in
                let folder = try FolderObjectStore(path: path)
                let pair = MirrorPair(
                    name: "folder", source: MirrorEndpoint(store: mirror.source, name: "s"),
                    target: MirrorEndpoint(store: RealStore(base: folder, simulation: mirror.clock), name: "t"))
                try await mirror.sourceBucket.put("y", at: picky.text)
                try await mirror.sourceBucket.put("z", at: "z")
                let tools = MirrorTools(
                    clock: mirror.clock, wallClock: mirror.clock.wallClock, random: SeededGenerator(seed: 1))
                let service = MirrorService(pairs: [pair], tools: tools)
                let task = Task(executorPreference: mirror.clock) { try await service.run() }
                #expect(try await mirror.clock.waits { service.metrics[0].quarantined == 1 })
                #expect(try await mirror.clock.outside { try await folder.text("z") } == "z")
                task.cancel()
                _ = await task.result
            }
        }
    }

    @Test func `lets a hot key settle`() async throws {
        let harness = MirrorHarness { watch in
            watch.settle = .seconds(60)
            watch.settleAtMost = .seconds(100_000)
            watch.scanInterval = .seconds(100_000)
        }
        try await withMirror(harness) { mirror in
            #expect(try await mirror.begins())
            for number in 0..<50 { try await mirror.events.put("\(number)", at: "hot") }
            #expect(try await mirror.clock.waits { (try? await mirror.targetBucket.text("hot")) == "49" })
            #expect(mirror.metrics.counts.copied == 1)
        }
    }

    @Test func `copies tags without the bytes`() async throws {
        try await withMirror(MirrorHarness { $0.scanInterval = .seconds(100_000) }) { mirror in
            #expect(try await mirror.begins())
            try await mirror.events.put("x", at: "a")
            #expect(
                try await mirror.clock.waits { mirror.metrics.counts.copied == 1 && mirror.metrics.lagObjects == 0 })
            let tag = try await mirror.targetBucket.head(key("a")).etag
            try await mirror.sourceBucket.features.setTags(["study": "7"], of: key("a"), versionID: nil)
            #expect(
                try await mirror.clock.waits {
                    // Said again and again: no scan sees tags, so this event must not be lost.
                    mirror.events.announce(BucketEvent(key: key("a"), kind: .annotated))
                    return
                        try await mirror.targetBucket.features.tags(of: key("a"), versionID: nil) == ["study": "7"]
                })
            #expect(mirror.metrics.counts.copied == 1 && mirror.metrics.counts.annotated >= 1)
            #expect(try await mirror.targetBucket.head(key("a")).etag == tag)
        }
    }

    @Test(arguments: [HangingStore.Call.get, .chunk, .list])
    func `begins again what hangs`(call: HangingStore.Call) async throws {
        let harness = MirrorHarness { $0.watchdog = .seconds(120) }
        let hanging = HangingStore(harness.source, call, times: 3)
        harness.sees(hanging)
        try await withMirror(harness) { mirror in
            for number in 0..<20 { try await mirror.sourceBucket.put("\(number)", at: "k\(number)") }
            #expect(try await mirror.settles())
            try await mirror.expectEqual()
            #expect(mirror.metrics.watchdogRestarts >= 1 && hanging.left == 0)
        }
    }

    @Test func `refuses two pairs of one name`() async throws {
        let end = MirrorEndpoint(store: makeBucket(), name: "x")
        let pair = MirrorPair(name: "p", source: end, target: end)
        let error = await #expect(throws: MirrorError.self) {
            try await MirrorService(pairs: [pair, pair], tools: makeTools()).run()
        }
        #expect(error?.code == .invalid)
    }
}
