import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `One pass` {
    private let source = makeBucket("source")
    private let target = makeBucket("target")

    @Test func `copies what is missing and then has nothing to do`() async throws {
        try await source.fill(2500)
        let meter = MeteredStore(source)
        let first = try await mirror(meter, target) { $0.history = .off }
        #expect(first.isComplete && first.counts.copied == 2500 && first.counts.compared == 2500)
        #expect(try await target.contents() == source.contents())
        #expect(meter.use.calls == [.list: 3, .get: 2500])
        let written = MeteredStore(target)
        let second = try await mirror(source, written) { $0.history = .off }
        #expect(second.counts.copied == 0 && second.counts.equal == 2500)
        #expect(written.use.calls == [.list: 3])
    }

    @Test func `costs two requests for a small object, and the target proves the bytes`() async throws {
        try await source.put("hello", at: "a")
        let (reads, writes) = (MeteredStore(source), MeteredStore(target))
        _ = try await mirror(reads, writes) { $0.history = .off }
        #expect(reads.use.calls == [.list: 1, .get: 1])
        #expect(writes.use.calls == [.list: 1, .put: 1])
        #expect(try await target.head(key("a")).etag == source.head(key("a")).etag)
    }

    @Test func `finds other content of the same size, whatever the times say`() async throws {
        let (early, late) = (MovableClock("2020-01-01T00:00:00Z"), MovableClock("2030-01-01T00:00:00Z"))
        let (source, target) = (makeBucket("s", clock: early), makeBucket("t", clock: late))
        try await source.put("old", at: "a")
        _ = try await mirror(source, target)
        try await source.put("new", at: "a")
        #expect(try await mirror(source, target).counts.copied == 1)
        #expect(try await target.text("a") == "new")
    }

    @Test func `carries metadata, type, headers and tags`() async throws {
        var options = PutOptions(contentType: "text/x-check", metadata: ["one": "1"])
        options.headers = ["cache-control": "no-store"]
        options.tags = ["study": "x"]
        try await source.put("hello", at: "a", options)
        _ = try await mirror(source, target) {
            $0.addedMetadata = ["by": "martlet"]
            $0.storageClass = "COLD"
        }
        let info = try await target.head(key("a"))
        #expect(info.contentType == "text/x-check" && info.metadata == ["one": "1", "by": "martlet"])
        #expect(info.headers == options.headers && info.storageClass == "COLD")
        #expect(try await target.features.tags(of: key("a"), versionID: nil) == ["study": "x"])
    }

    @Test func `deletes nothing unless told, and never more than is normal`() async throws {
        try await source.fill(40)
        _ = try await mirror(source, target)
        _ = try await source.delete((0..<10).map { key("objects/\(padded($0, 6))") })
        let keeping = try await mirror(source, target)
        #expect(keeping.counts.kept == 10 && keeping.counts.removed == 0)
        let braked = try await mirror(source, target) {
            $0.deletes = .propagate
            $0.brake = MassDeleteBrake(count: 9, share: 0.05)
        }
        #expect(braked.counts.held == 10 && !braked.isComplete)
        #expect(try await target.contents().count == 40)
        let removing = try await mirror(source, target) {
            $0.deletes = .propagate
            $0.brake = nil
        }
        #expect(removing.counts.removed == 10)
        #expect(try await target.contents() == source.contents())
        // The bytes are not lost: they were moved away first.
        #expect(try await target.level(MirrorLayout.old).commonPrefixes.count == 10)
    }

    @Test func `says what it would do, and does nothing`() async throws {
        try await source.fill(5)
        try await target.put("extra", at: "extra")
        let recorder = EventRecorder()
        let report = try await mirror(source, target, tools: makeTools(observer: recorder)) {
            $0.isDryRun = true
            $0.deletes = .propagate
        }
        #expect(report.counts.planned == 5 && report.counts.copied == 0)
        #expect(recorder.events.count == 6)
        #expect(try await target.contents().count == 1)
    }

    @Test func `does not overwrite unless told, and says so`() async throws {
        try await source.put("new!", at: "a")
        try await target.put("old", at: "a")
        let report = try await mirror(source, target) { $0.overwrites = false }
        #expect(report.counts.failed == 1 && report.failures.first?.doing == .overwrite)
        #expect(try await target.text("a") == "old")
    }

    @Test func `goes on after the failure of one object and ends incomplete`() async throws {
        try await source.fill(20)
        let faulty = FaultyStore(target, faults: [.init(.put, nth: 7, .fail(.invalid))])
        let report = try await mirror(source, faulty)
        #expect(report.counts.copied == 19 && report.counts.failed == 1 && !report.isComplete)
        #expect(faulty.unmet.isEmpty)
    }

    @Test func `stops when the target refuses everything`() async throws {
        try await source.fill(200)
        let error = await #expect(throws: MirrorError.self) { try await mirror(source, ReadOnlyStore(target)) }
        #expect(error?.code == .refused && error?.side == .target)
    }

    @Test func `stops when a side cannot be listed`() async throws {
        let broken = FaultyStore(source, faults: [.init(.list, nth: 1, .fail(.unauthorized))])
        let error = await #expect(throws: MirrorError.self) { try await mirror(broken, target) }
        #expect(error?.code == .refused && error?.side == .source)
    }

    @Test(arguments: [FaultyStore.Effect.truncateBody(after: 3), .flipBit(at: 2), .breakBody(after: 2)])
    func `never writes a body that was damaged on its way`(effect: FaultyStore.Effect) async throws {
        try await source.put("hello", at: "a")
        let faulty = FaultyStore(source, faults: [.init(.get, nth: 1, effect)])
        let retrying = RetryingStore(faulty, clock: SkippingClock(), random: SeededGenerator(seed: 1))
        let report = try await mirror(retrying, target)
        #expect(report.isComplete && faulty.unmet.isEmpty)
        #expect(try await target.contents() == source.contents())
    }

    @Test func `copies between stores whose tags say nothing, and knows it the next time`() async throws {
        let (source, target) = (InMemoryObjectStore(), InMemoryObjectStore())
        try await source.fill(30)
        _ = try await mirror(source, target)
        let again = try await mirror(source, target)
        #expect(again.counts.copied == 0 && again.counts.equal == 30)
        try await source.put("x", at: "objects/000000")
        #expect(try await mirror(source, target).counts.copied == 1)
    }

    @Test func `copies into a folder and back`() async throws {
        try await source.fill(30)
        let back = makeBucket("back")
        try await withTemporaryFolder { path in
            let folder = try FolderObjectStore(path: path)
            #expect(try await mirror(source, folder).isComplete)
            #expect(try await mirror(source, folder).counts.copied == 0)
            #expect(try await mirror(folder, back).isComplete)
            #expect(try await mirror(folder, back).counts.copied == 0)
        }
        #expect(try await back.contents() == source.contents())
    }

    @Test func `sorts a listing that comes folder by folder`() async throws {
        for name in ["a/b", "a-b", "a", "a/c", "b"] { try await source.put(name, at: name) }
        let odd = FolderOrderStore(base: source)
        #expect(try await mirror(odd, target).isComplete)
        #expect(try await target.contents() == source.contents())
        let report = try await mirror(odd, target) { $0.deletes = .propagate }
        #expect(report.counts.copied == 0 && report.counts.removed == 0)
    }
}
