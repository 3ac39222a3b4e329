import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Two listings are merged` {
    private func info(_ name: String, _ size: Int64 = 1, _ tag: String? = nil) -> ObjectInfo {
        ObjectInfo(key: key(name), size: size, etag: tag)
    }

    /// Feeds pages of `size` keys and gives the names of what differs.
    private func merge(
        _ source: [ObjectInfo], _ target: [ObjectInfo], pageSize: Int
    ) throws(ListingMerge.Disorder) -> [String] {
        var merge = ListingMerge()
        var rest: [ListingMerge.Side: ArraySlice<ObjectInfo>] = [.source: source[...], .target: target[...]]
        var found: [String] = []
        while true {
            switch merge.next() {
            case .needs(let side):
                let page = Array(rest[side, default: []].prefix(pageSize))
                rest[side] = rest[side, default: []].dropFirst(pageSize)
                try merge.feed(side, page, isLast: rest[side, default: []].isEmpty)
            case .difference(.equal): continue
            case .difference(.missing(let info)): found.append("+\(info.key)")
            case .difference(.extra(let info)): found.append("-\(info.key)")
            case .difference(.changed(let info, _, _)): found.append("!\(info.key)")
            case .difference(.uncertain(let info, _)): found.append("?\(info.key)")
            case .finished: return found
            }
        }
    }

    @Test(arguments: [1, 2, 3, 1000])
    func `and every key is in exactly one difference, whatever the pages`(pageSize: Int) throws {
        let tag = String(repeating: "a", count: 32)
        let other = String(repeating: "b", count: 32)
        let source = [info("a"), info("b", 1, tag), info("d", 2), info("e", 1, tag), info("z", 1, "x")]
        let target = [info("b", 1, tag), info("c"), info("d", 3), info("e", 1, other), info("z", 1, "x"), info("zz")]
        #expect(try merge(source, target, pageSize: pageSize) == ["+a", "-c", "!d", "?e", "?z", "-zz"])
        #expect(try merge([], target, pageSize: pageSize).count == 6)
        #expect(try merge(source, [], pageSize: pageSize).count == 5)
        #expect(try merge([], [], pageSize: pageSize).isEmpty)
    }

    @Test func `and a listing that does not ascend is found out`() {
        let error = #expect(throws: ListingMerge.Disorder.self) {
            try merge([info("a/b"), info("a-b")], [], pageSize: 1)
        }
        #expect(error?.key == key("a-b") && error?.side == .source)
        #expect(throws: ListingMerge.Disorder.self) { try merge([info("a"), info("a")], [], pageSize: 2) }
    }

    @Test func `and names are compared by bytes`() throws {
        let composed = info("caf\u{E9}")
        let decomposed = info("cafe\u{301}")
        #expect(try merge([decomposed], [composed], pageSize: 5).count == 2)
    }
}

@Suite struct `Tags are compared` {
    private let comparison = ObjectComparison(tagsAreDigests: true)
    private let digest = "0123456789abcdef0123456789ABCDEF"

    private func differ(_ left: String?, _ right: String?, _ comparison: ObjectComparison) -> String {
        let source = ObjectInfo(key: key("k"), size: 5, etag: left)
        switch comparison.difference(source, ObjectInfo(key: key("k"), size: 5, etag: right)) {
        case .equal: return "equal"
        case .changed: return "changed"
        case .uncertain: return "uncertain"
        default: return "other"
        }
    }

    @Test func `and only digests prove anything`() {
        #expect(differ(digest, digest, comparison) == "equal")
        #expect(differ(digest + "-3", digest + "-3", comparison) == "equal")
        #expect(differ(digest, String(digest.reversed()), comparison) == "changed")
        #expect(differ(digest, String(digest.reversed()), ObjectComparison()) == "uncertain")
        #expect(differ(digest + "-3", digest, comparison) == "uncertain")
        #expect(differ("17", "17", comparison) == "uncertain")
        #expect(differ(nil, nil, comparison) == "uncertain")
    }

    @Test(arguments: [
        ("0123456789abcdef0123456789abcdef", ContentTag.digest),
        ("0123456789abcdef0123456789abcdef-1", .joined(parts: 1)),
        ("0123456789abcdef0123456789abcdef-10000", .joined(parts: 10_000)),
        ("0123456789abcdef0123456789abcdef-", .opaque), ("0123456789abcdef0123456789abcdef-x", .opaque),
        ("0123456789abcdef0123456789abcdeg", .opaque), ("0123", .opaque),
        ("0123456789abcdef0123456789abcdef0", .opaque),
    ])
    func `and are told apart`(tag: String, kind: ContentTag) {
        #expect(ContentTag(tag) == kind)
    }

    @Test func `and a joined tag is the one that S3 makes`() {
        // md5(md5("a") + md5("b")), by md5sum.
        #expect(MD5Sum.joinedTag(ofParts: [bytes("a"), bytes("b")]) == "96e024ba2074fe77e8e965ba43a704be-2")
        #expect(ContentTag(MD5Sum.joinedTag(ofParts: [bytes("a")])) == .joined(parts: 1))
    }
}

@Suite struct `Sums of parts` {
    @Test(arguments: [1, 3, 7, 100])
    func `do not depend on the chunks that the bytes come in`(length: Int) throws {
        let whole = patternBytes(20)
        var sums = PartSums(sizes: [6, 7, 7])
        for start in stride(from: 0, to: 20, by: length) {
            sums.update(try #require(whole.getSlice(at: start, length: min(length, 20 - start))))
        }
        let parts = [(0, 6), (6, 7), (13, 7)].compactMap { whole.getSlice(at: $0.0, length: $0.1) }
        #expect(sums.finish() == parts.map(MD5Sum.of))
    }

    @Test func `are none of too few and too many bytes, and one of nothing`() {
        var sums = PartSums(sizes: [3])
        sums.update(bytes("ab"))
        #expect(sums.finish() == nil)
        sums.update(bytes("c"))
        #expect(sums.finish() == [MD5Sum.of(bytes("abc"))])
        sums.update(bytes("d"))
        #expect(sums.finish() == nil)
        #expect(PartSums(sizes: [0]).finish() == [MD5Sum.of(bytes(""))])
    }
}

@Suite struct `Objects are cut into parts` {
    @Test func `at the source's own boundaries where they are known`() {
        let digest = String(repeating: "0", count: 32)
        let told = PartLayout(size: 25, told: [10, 10, 5], tag: digest + "-3", partSize: 4)
        #expect(told.sizes == [10, 10, 5] && told.isSources)
        #expect(told.range(of: 3) == 20..<25)
        #expect(PartLayout(size: 25, told: [10, 10], tag: digest + "-2", partSize: 10).sizes == [10, 10, 5])
        #expect(PartLayout(size: 25, told: nil, tag: digest + "-1", partSize: 4).sizes == [25])
        #expect(PartLayout(size: 25, told: [10, 10, 5], tag: digest, partSize: 4).isSources == false)
    }

    @Test func `never more than 10,000`() {
        let mebibyte: Int64 = 1 << 20
        #expect(PartLayout(size: 5 << 40, told: nil, tag: nil, partSize: 16 * mebibyte).sizes.count <= 10_000)
        #expect(
            PartLayout(size: 10_000 * 16 * mebibyte, told: nil, tag: nil, partSize: 16 * mebibyte).sizes.count == 10_000
        )
        let over = PartLayout(size: 10_000 * 16 * mebibyte + 1, told: nil, tag: nil, partSize: 16 * mebibyte)
        #expect(over.sizes.count <= 10_000 && over.sizes.reduce(0, +) == 10_000 * 16 * mebibyte + 1)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 32])
    func `that together are the object`(size: Int64) {
        let layout = PartLayout(size: size, told: nil, tag: nil, partSize: 16)
        #expect(layout.sizes.reduce(0, +) == size)
        #expect(!layout.sizes.isEmpty)
    }
}

@Suite struct `Keys are selected` {
    @Test(arguments: [
        ("*", "a/b", true), ("a*", "a/b/c", true), ("a?c", "abc", true), ("a?c", "a/c", true),
        ("*.tmp", "x/y.tmp", true),
        ("*.tmp", "x/y.tmpx", false), ("", "", true), ("", "a", false), ("?", "é", true), ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false), ("**", "", true), ("topics/*/+*", "topics/x/+y", true),
    ])
    func `by wildcards`(pattern: String, text: String, isMatch: Bool) {
        #expect(Wildcard.matches(pattern, text) == isMatch)
    }

    @Test func `by name, age and class, and the mirror's own never`() {
        var selection = MirrorSelection()
        selection.excluded = ["*.tmp"]
        selection.excludedTops = ["logs*"]
        selection.excludedStorageClasses = ["GLACIER"]
        selection.writtenBefore = Timestamp(seconds: 100)
        selection.writtenSince = Timestamp(seconds: 50)
        func info(_ name: String, _ seconds: Int64, _ storageClass: String? = nil) -> ObjectInfo {
            var info = ObjectInfo(key: key(name), size: 1, lastModified: Timestamp(seconds: seconds))
            info.storageClass = storageClass
            return info
        }
        #expect(selection.takes(info("a", 50)))
        #expect(!selection.takes(info("a", 49)) && !selection.takes(info("a", 100)))
        #expect(!selection.takes(info("a.tmp", 60)) && !selection.takes(info("logs-1/a", 60)))
        #expect(selection.takes(info("x/logs", 60)))
        #expect(!selection.takes(info("a", 60, "GLACIER")))
        #expect(!selection.takes(key(".martlet/log/1")))
    }
}

@Suite struct `The number of workers` {
    @Test func `doubles in a round until a store asks, and then grows by one`() {
        var governor = WorkerGovernor(ceiling: 1000)
        for _ in 0..<8 { governor.succeeded() }
        #expect(governor.limit == 16)
        governor.slowedDown()
        #expect(governor.limit == 8)
        for _ in 0..<8 { governor.succeeded() }
        #expect(governor.limit == 9)
    }

    @Test func `grows to its ceiling and halves when a store asks`() {
        var governor = WorkerGovernor(ceiling: 20)
        let first = governor.limit
        for _ in 0..<1000 { governor.succeeded() }
        #expect(first == 8 && governor.limit == 20)
        governor.slowedDown()
        #expect(governor.limit == 10)
        // Those that were under way at the time fail too, and count once.
        for _ in 0..<9 { governor.slowedDown() }
        #expect(governor.limit == 10)
        for _ in 0..<5 { governor.succeeded() }
        governor.slowedDown()
        #expect(governor.limit == 5)
    }
}
