import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `The index` {
    private let source = makeBucket("source")
    private let target = makeBucket("target")

    @Test func `makes a pass without changes one listing of the source`() async throws {
        try await source.fill(2001)
        let index = try makeIndex()
        _ = try await mirror(source, target, index: index)
        #expect(try index.isComplete && index.count == 2001)
        let (reads, writes) = (MeteredStore(source), MeteredStore(target))
        let report = try await mirror(reads, writes, index: index)
        #expect(report.counts.equal == 2001)
        #expect(reads.use.calls == [.list: 3])
        #expect(writes.use.calls.isEmpty)
    }

    @Test func `lists the target again after a day, and finds what somebody else did to it`() async throws {
        let clock = MovableClock()
        try await source.fill(20)
        let index = try makeIndex()
        _ = try await mirror(source, target, index: index, tools: makeTools(clock))
        _ = try await target.delete([key("objects/000007")])
        clock.advance(.seconds(80_000))
        #expect(try await mirror(source, target, index: index, tools: makeTools(clock)).counts.copied == 0)
        clock.advance(.seconds(7_000))
        #expect(try await mirror(source, target, index: index, tools: makeTools(clock)).counts.copied == 1)
        #expect(try await target.contents() == source.contents())
        let writes = MeteredStore(target)
        #expect(try await mirror(source, writes, index: index, tools: makeTools(clock)).counts.equal == 20)
        #expect(writes.use.calls.isEmpty)
    }

    @Test func `adopts what is equal already`() async throws {
        try await source.fill(50)
        _ = try await mirror(source, target)
        let index = try makeIndex()
        let report = try await mirror(source, target, index: index)
        #expect(report.counts.copied == 0 && report.counts.equal == 50)
        #expect(try index.count == 50)
    }

    @Test func `is a cache: without it the same is found`() async throws {
        try await withTemporaryFolder { path in
            try await source.fill(50)
            let file = path + "/index.sqlite"
            _ = try await mirror(source, target, index: try makeIndex(file))
            try await source.put("changed", at: "objects/000003")
            _ = try await source.delete([key("objects/000004")])
            try #require(try await mirror(source, target, index: try makeIndex(file)).counts.copied == 1)
            let other = try MirrorIndex(path: file, pair: "others")
            #expect(try other.count == 0)
            #expect(try await mirror(source, target, index: other).counts.copied == 0)
        }
    }

    @Test func `that is damaged is made anew`() async throws {
        try await withTemporaryFolder { path in
            let folder = try FolderObjectStore(path: path)
            _ = try await folder.put(patternBytes(9000), at: key("index.sqlite"), options: PutOptions())
            #expect(try makeIndex(path + "/index.sqlite").count == 0)
        }
    }

    @Test func `knows what was noted before it is written`() throws {
        let index = try makeIndex()
        let entry = IndexEntry(key: key("a"), size: 3, tag: "t", targetTag: "u", targetVersion: "v")
        try index.note(.copied(entry))
        #expect(try index.entry(key("a")) == entry)
        #expect(try index.page(after: nil) == [entry])
        try index.note(.gone(key("a")))
        #expect(try index.entry(key("a")) == nil && index.page(after: nil).isEmpty)
    }

    @Test func `gives keys in the order of their bytes`() throws {
        let index = try makeIndex()
        let names = ["a-b", "a/b", "a", "é", "e\u{301}", "z", "\u{1F600}", "A", "a\u{1}"]
        for name in names {
            try index.note(.copied(IndexEntry(key: key(name), size: 0, tag: nil, targetTag: nil)))
        }
        #expect(try index.page(after: nil).map(\.key) == names.map(key).sorted())
        #expect(try index.page(after: key("a/b")).first?.key == key("e\u{301}"))
    }
}
