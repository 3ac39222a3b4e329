import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// A log of 120 days, of which 90 are kept.
@Suite struct `A log that is shortened` {
    private let clock = MovableClock()
    private static let day = Duration.seconds(86_400)

    private struct Past {
        let source: InMemoryObjectStore
        let backup: InMemoryObjectStore
        let seen: any ObjectStore
        let index: MirrorIndex
        var states: [(instant: Timestamp, contents: [String: ByteBuffer])] = []
    }

    private func pass(_ past: Past) async throws {
        let report = try await mirror(past.source, past.seen, index: past.index, tools: makeTools(clock)) {
            $0.history = .full
            $0.deletes = .propagate
            $0.brake = nil
        }
        #expect(report.isComplete)
    }

    private func makePast(_ versioning: BucketVersioning) async throws -> Past {
        let backup = makeBucket("backup", clock: clock, versioning: versioning)
        let seen: any ObjectStore = versioning == .enabled ? backup : NoVersions(base: backup)
        var past = Past(
            source: makeBucket("source", clock: clock), backup: backup, seen: seen, index: try makeIndex())
        try await past.source.fill(30)
        for day in 0..<60 {
            try await past.source.put("day \(day)", at: "objects/\(padded(day % 20, 6))")
            if day % 3 == 0 { _ = try await past.source.delete([key("objects/\(padded(day % 17, 6))")]) }
            clock.advance(.seconds(10))
            try await pass(past)
            clock.advance(.seconds(10))
            past.states.append((clock.now, try await past.source.contents()))
            clock.advance(`A log that is shortened`.day * 2)
        }
        return past
    }

    private func thinning(_ store: any ObjectStore) -> HistoryThinning {
        HistoryThinning(store: store, retention: HistoryRetention(), wallClock: clock.clock, leastSegments: 5)
    }

    private func restored(_ past: Past, at instant: Timestamp?) async throws -> [String: ByteBuffer] {
        let destination = makeBucket("destination", clock: clock)
        let restore = BucketRestore(
            backup: MirrorEndpoint(store: past.seen, name: "b"),
            destination: MirrorEndpoint(store: destination, name: "d"), options: RestoreOptions { $0.at = instant },
            tools: makeTools(clock))
        #expect(try await restore.run().isComplete)
        return try await destination.contents()
    }

    private func expectWhole(_ past: Past) async throws {
        let horizon = clock.now + `A log that is shortened`.day * -90
        for (instant, contents) in past.states where instant >= horizon {
            #expect(try await restored(past, at: instant) == contents)
        }
        #expect(try await restored(past, at: nil) == past.source.contents())
    }

    @Test(arguments: [BucketVersioning.enabled, .never])
    func `brings back every instant that is kept, refuses others, and goes on`(versioning: BucketVersioning)
        async throws
    {
        var past = try await makePast(versioning)
        let before = try await MirrorHistory(store: past.seen).check()
        let plan = try await thinning(past.seen).run(isDryRun: true)
        #expect(try await MirrorHistory(store: past.seen).check() == before)
        let report = try await thinning(past.seen).run(isDryRun: false)
        #expect(report == plan && report.segments > 10 && (report.moved > 0) == (versioning == .never))
        let after = try await MirrorHistory(store: past.seen).check()
        #expect(after.segments == before.segments - report.segments && after.shortenedTo == report.segments)
        #expect(after.head == before.head && after.last == before.last)
        try await expectWhole(past)
        let early = await #expect(throws: MirrorError.self) { try await restored(past, at: past.states[0].instant) }
        #expect(early?.code == .notFound)
        // The mirror writes on, and the log can be shortened again.
        try await past.source.put("later", at: "later")
        try await pass(past)
        past.states.append((clock.now, try await past.source.contents()))
        clock.advance(`A log that is shortened`.day * 80)
        #expect(try await thinning(past.seen).run(isDryRun: false).segments > 10)
        try await expectWhole(past)
        #expect(try await thinning(past.seen).run(isDryRun: false).segments == 0)
    }

    @Test(arguments: [2, 12, 22, 23, 24, 34])
    func `is whole wherever it was killed`(point: Int) async throws {
        let past = try await makePast(.enabled)
        _ = try? await thinning(DyingStore(past.backup, atWrite: point)).run(isDryRun: false)
        try await expectWhole(past)
        _ = try await thinning(past.backup).run(isDryRun: false)
        try await expectWhole(past)
        #expect(try await MirrorHistory(store: past.backup).check().shortenedTo != nil)
    }

    @Test func `shows what was altered in its base`() async throws {
        let past = try await makePast(.enabled)
        _ = try await thinning(past.backup).run(isDryRun: false)
        var part: ObjectKey?
        for try await object in past.backup.objects(prefix: MirrorLayout.base)
        where object.key.text.hasSuffix(".ndjson") { part = object.key }
        let place = try #require(part)
        var bytes = try await past.backup.read(place, limit: .mebibytes(1))
        let index = bytes.writerIndex - 30
        let old: UInt8 = try #require(bytes.getInteger(at: index))
        bytes.setInteger(old ^ 1, at: index)
        _ = try await past.backup.put(bytes, at: place, options: PutOptions())
        await #expect(throws: MirrorError.self) { try await MirrorHistory(store: past.backup).check() }
    }
}
