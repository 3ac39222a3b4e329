import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Large objects` {
    private let source = makeBucket("source")
    private let target = makeBucket("target")

    private func upload(_ parts: [ByteBuffer], at name: String) async throws {
        let upload = try await source.beginUpload(at: key(name), options: PutOptions(metadata: ["a": "b"]))
        var sent: [UploadedPart] = []
        for (index, part) in parts.enumerated() { sent.append(try await upload.upload(part, as: index + 1)) }
        _ = try await upload.complete(sent)
    }

    private func small(_ options: inout MirrorOptions) {
        options.largeObject = ByteCount(1000)
        options.partSize = ByteCount(700)
        options.history = .off
    }

    @Test func `are streamed in one request when the source has the sum of the bytes`() async throws {
        _ = try await source.put(patternBytes(5000), at: key("a"), options: PutOptions())
        let writes = MeteredStore(target)
        _ = try await mirror(source, writes, small)
        #expect(writes.use.calls == [.list: 1, .put: 1] && writes.use.bytesUp == 5000)
        #expect(try await target.head(key("a")).etag == source.head(key("a")).etag)
    }

    @Test func `keep the source's parts, so that the tags are equal`() async throws {
        try await upload([patternBytes(1200), patternBytes(900), patternBytes(77)], at: "a")
        let report = try await mirror(source, target, small)
        #expect(report.counts.copied == 1)
        #expect(try await target.head(key("a")).etag == source.head(key("a")).etag)
        #expect(try await target.contents() == source.contents())
        #expect(try await mirror(source, target, small).counts.equal == 1)
    }

    @Test func `of one part are equal too`() async throws {
        try await upload([patternBytes(3000)], at: "large")
        try await upload([patternBytes(30)], at: "small")
        _ = try await mirror(source, target, small)
        #expect(try await target.contents() == source.contents())
        #expect(try await mirror(source, target, small).counts.copied == 0)
    }

    @Test(arguments: [699, 700, 701, 1000, 1001, 1400, 7001])
    func `of every size around the limits`(size: Int) async throws {
        let opaque = InMemoryObjectStore(minimumPartSize: ByteCount(1))
        _ = try await opaque.put(patternBytes(size), at: key("a"), options: PutOptions())
        _ = try await mirror(opaque, target, small)
        #expect(try await target.contents() == opaque.contents())
        #expect(target.openUploads == 0)
    }

    @Test func `that change while they are copied are copied again, whole`() async throws {
        try await upload([patternBytes(1200), patternBytes(900), patternBytes(77)], at: "a")
        let changing = ChangingStore(source) { store, count in
            guard count == 2 else { return }
            _ = try await store.put(patternBytes(4000, seed: 9), at: key("a"), options: PutOptions())
        }
        let report = try await mirror(changing, target, small)
        #expect(report.isComplete && report.counts.restarted == 1)
        #expect(try await target.contents() == source.contents())
        #expect(target.openUploads == 0)
    }

    @Test func `go on where a mirror that was killed had stopped`() async throws {
        try await upload((0..<6).map { patternBytes(1100, seed: UInt64($0)) }, at: "a")
        let index = try makeIndex()
        let dying = FaultyStore(target, faults: [.init(.uploadPart, nth: 5, .fail(.invalid))])
        _ = try await mirror(source, dying, index: index) {
            small(&$0)
            $0.partWorkers = 1
        }
        #expect(target.openUploads == 1)
        let writes = MeteredStore(target)
        _ = try await mirror(source, writes, index: index, small)
        #expect(writes.use.calls[.uploadPart] == 2 && writes.use.calls[.completeUpload] == 1)
        #expect(try await target.contents() == source.contents())
    }

    @Test func `leave no parts behind when the source changed since they were sent`() async throws {
        try await upload((0..<6).map { patternBytes(1100, seed: UInt64($0)) }, at: "a")
        let index = try makeIndex()
        let dying = FaultyStore(target, faults: [.init(.uploadPart, nth: 5, .fail(.invalid))])
        _ = try await mirror(source, dying, index: index, small)
        #expect(target.openUploads == 1)
        try await upload((0..<3).map { patternBytes(1300, seed: UInt64($0)) }, at: "a")
        #expect(try await mirror(source, target, index: index, small).isComplete)
        #expect(target.openUploads == 0)
        #expect(try await target.contents() == source.contents())
    }

    /// The first read is the stream's, which the target refuses; the second only looks; those that follow are of parts.
    @Test(arguments: [[1, 3], [1, 4, 6], [1, 3, 12], [1, 3, 4, 5, 6, 7, 8, 9, 10]])
    func `damaged on the way are never kept`(flips: [Int]) async throws {
        _ = try await source.put(patternBytes(5000), at: key("a"), options: PutOptions())
        let bad = FaultyStore(source, faults: flips.map { .init(.get, nth: $0, .flipBit(at: 11)) })
        let report = try await mirror(bad, target, small)
        #expect(report.isComplete && report.counts.restarted >= 2)
        #expect(try await target.contents() == source.contents())
        #expect(target.openUploads == 0)
    }

    @Test(arguments: [1, 2, 3]) func `of the source's parts, one of them damaged, are not kept either`(
        flip: Int
    ) async throws {
        try await upload([patternBytes(1200), patternBytes(900), patternBytes(77)], at: "a")
        for other in [target, InMemoryObjectStore(minimumPartSize: ByteCount(1))] {
            let bad = FaultyStore(source, faults: [.init(.get, nth: flip, .flipBit(at: 11))])
            let report = try await mirror(bad, other, small)
            #expect(report.isComplete && report.counts.restarted == 1)
            #expect(try await other.contents() == source.contents())
        }
    }

    @Test func `to a store whose tags say nothing are proven here`() async throws {
        let opaque = InMemoryObjectStore(minimumPartSize: ByteCount(1))
        _ = try await source.put(patternBytes(5000), at: key("a"), options: PutOptions())
        let bad = FaultyStore(source, faults: [.init(.get, nth: 1, .flipBit(at: 11))])
        #expect(try await mirror(bad, opaque, small).isComplete)
        #expect(try await opaque.contents() == source.contents())
    }

    @Test func `whose tag is no sum are taken when they read the same again and again`() async throws {
        let encrypted = StrangeTags(base: source, kind: "kms")
        _ = try await source.put(patternBytes(5000), at: key("a"), options: PutOptions())
        #expect(try await mirror(encrypted, target, small).isComplete)
        #expect(try await target.contents() == source.contents())
    }

    @Test func `of which parts were sent before the kill are proven whole`() async throws {
        _ = try await source.put(patternBytes(5000), at: key("a"), options: PutOptions())
        let index = try makeIndex()
        // The stream is refused, then parts are sent until the mirror dies; one of them was damaged.
        let bad = FaultyStore(
            source, faults: [.init(.get, nth: 1, .flipBit(at: 11)), .init(.get, nth: 4, .flipBit(at: 1))])
        let dying = FaultyStore(target, faults: [.init(.uploadPart, nth: 5, .fail(.invalid))])
        _ = try await mirror(bad, dying, index: index) {
            small(&$0)
            $0.partWorkers = 1
        }
        #expect(target.openUploads == 1)
        let refused = FaultyStore(source, faults: [.init(.get, nth: 1, .flipBit(at: 11))])
        let writes = MeteredStore(target)
        #expect(try await mirror(refused, writes, index: index, small).isComplete)
        #expect(writes.use.calls[.uploadPart] == 5, "three of eight were there and whole")
        #expect(try await target.contents() == source.contents())
    }

    @Test func `do not fill the memory`() async throws {
        for number in 0..<6 {
            _ = try await source.put(patternBytes(20_000), at: key("\(number)"), options: PutOptions())
        }
        let watched = InFlightBytes(base: source)
        let opaque = OpaqueTags(base: watched)
        _ = try await mirror(opaque, target) {
            small(&$0)
            $0.memory = ByteCount(4000)
        }
        #expect(try await target.contents() == source.contents())
        #expect(watched.most <= 4000)
    }
}
