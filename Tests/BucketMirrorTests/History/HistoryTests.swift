import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `The history` {
    private let clock = MovableClock()

    private func entry(_ name: String) -> HistoryEntry {
        var entry = HistoryEntry(key: key(name), .put, at: Timestamp("2026-01-02T03:04:05Z")!)
        entry.size = 12
        entry.tag = "t"
        entry.targetTag = "u"
        entry.version = "v1"
        return entry
    }

    @Test(arguments: [
        "plain", "a \"quoted\" \\ key", "tab\tand\u{1}control", "é and e\u{301}", "\u{1F600}/..//x", "\u{7F}\u{2028}",
        "'",
    ])
    func `comes back as it was written`(name: String) throws {
        let segment = HistorySegment(
            number: 3, previous: "abc", written: Timestamp(seconds: 5, nanoseconds: 7), entries: [entry(name)])
        let decoded = try HistorySegment(decoding: segment.encoded(), number: 3)
        #expect(decoded == segment)
        #expect(Array(decoded.entries[0].key.text.utf8) == Array(name.utf8))
    }

    @Test func `is a chain: whatever is altered or missing is found out`() async throws {
        let (source, target) = (makeBucket("s", clock: clock), makeBucket("t", clock: clock, versioning: .enabled))
        for round in 0..<4 {
            try await source.put("\(round)", at: "a")
            clock.advance(.seconds(60))
            _ = try await mirror(source, target, index: try makeIndex())
        }
        let history = MirrorHistory(store: target)
        let summary = try await history.check()
        #expect(summary.segments == 4 && summary.entries == 4 && summary.head?.count == 64)
        let second = try #require(ObjectKey("\(MirrorLayout.log)0000000002.ndjson"))
        var bytes = try await target.read(second, limit: .mebibytes(1))
        bytes.setInteger(UInt8(ascii: "9"), at: bytes.writerIndex - 30)
        _ = try await target.put(bytes, at: second, options: PutOptions())
        await #expect(throws: MirrorError.self) { try await history.check() }
        _ = try await target.delete([second])
        let error = await #expect(throws: MirrorError.self) { try await history.check() }
        #expect(error?.code == .history)
    }

    @Test func `notices a second writer`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t", versioning: .enabled))
        try await source.put("x", at: "a")
        let racing = ChangingStore(source) { _, _ in
            let foreign = HistorySegment(number: 1, previous: nil, written: Timestamp(seconds: 1), entries: [])
            _ = try await target.put(foreign.encoded(), at: foreign.key, options: PutOptions())
        }
        let error = await #expect(throws: MirrorError.self) { try await mirror(racing, target) }
        #expect(error?.code == .history)
    }

    @Test func `takes its own lost answer for what it is`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t", versioning: .enabled))
        try await source.put("x", at: "a")
        let faulty = FaultyStore(target, faults: [.init(.put, nth: 2, .loseAnswer)])
        let retrying = RetryingStore(faulty, clock: SkippingClock(), random: SeededGenerator(seed: 1))
        #expect(try await mirror(source, retrying).isComplete)
        #expect(faulty.unmet.isEmpty)
        #expect(try await MirrorHistory(store: target).check().entries == 1)
    }

    @Test func `is begun on a bucket without versions when it is asked for`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.put("one", at: "a")
        _ = try await mirror(source, target) { $0.history = .full }
        // The twin has versions, and they were switched on.
        #expect(try await target.features.versioning() == .enabled)
        #expect(try await MirrorHistory(store: target).check().entries == 1)
    }
}

@Suite struct `Old versions are thinned out` {
    private let now = Timestamp("2026-06-01T12:30:00Z")!

    private func state(_ from: Int64, _ until: Int64?) -> HistoryRetention.State {
        HistoryRetention.State(from: now + .seconds(-from), until: until.map { now + .seconds(-$0) })
    }

    @Test func `by age, and the present never`() {
        let retention = HistoryRetention()
        let day: Int64 = 86_400
        // Older than everything kept; true at no full day; at a full day; at no full hour; at a full hour; young; now.
        let states = [
            state(200 * day, 100 * day), state(100 * day, 20 * day + 3600), state(20 * day + 3600, 20 * day),
            state(20 * day, 3 * day), state(3 * day, 3 * day - 600), state(3 * day - 600, 3 * day - 5400),
            state(3 * day - 5400, 600), state(600, nil),
        ]
        let going = retention.removable(states, now: now)
        #expect(going.contains(0) && going.contains(2) && going.contains(4))
        #expect(
            !going.contains(1) && !going.contains(3) && !going.contains(5) && !going.contains(6) && !going.contains(7))
        #expect(retention.removable([state(900 * day, nil)], now: now).isEmpty)
    }

    @Test func `and a restore to any kept hour finds what it found before`() {
        var random = SeededGenerator(seed: 4)
        let retention = HistoryRetention()
        for _ in 0..<50 {
            var times = (0..<40).map { _ in Int64(random.next() % (14 * 86_400)) }.sorted(by: >)
            times.append(0)
            let states = zip(times, times.dropFirst()).map { state($0, $1 == 0 ? nil : $1) }
            let going = Set(retention.removable(states, now: now))
            for hour in 0..<(14 * 24) {
                let instant = Timestamp(seconds: (now.seconds / 3600 - Int64(hour)) * 3600)
                let wanted = states.lastIndex { $0.from <= instant && ($0.until.map { $0 > instant } ?? true) }
                if let wanted { #expect(!going.contains(wanted)) }
            }
        }
    }

    @Test func `in a bucket, but not what is locked, nor the log`() async throws {
        let clock = MovableClock()
        let lock = BucketLock(mode: .governance, defaultRetention: nil)
        let store = makeBucket("b", clock: clock, versioning: .enabled, lock: lock)
        var locked = PutOptions()
        locked.retention = ObjectRetention(mode: .governance, until: clock.now + .seconds(400 * 86_400))
        try await store.put("locked", at: "a", locked)
        clock.advance(.seconds(60))
        try await store.put("old", at: "a")
        try await store.put("log", at: "\(MirrorLayout.log)0000000001.ndjson")
        clock.advance(.seconds(60))
        try await store.put("new", at: "a")
        clock.advance(.seconds(200 * 86_400))
        let thinning = HistoryThinning(store: store, retention: HistoryRetention(), wallClock: clock.clock)
        #expect(try await thinning.run(isDryRun: true).removed == 2)
        let report = try await thinning.run(isDryRun: false)
        #expect(report.removed == 1 && report.locked == 1 && report.bytesRemoved == 3)
        #expect(try await store.text("a") == "new")
        let rest = try await store.features.listVersions(VersionListRequest()).versions
        #expect(rest.map(\.info.key.text) == ["\(MirrorLayout.log)0000000001.ndjson", "a", "a"])
    }
}
