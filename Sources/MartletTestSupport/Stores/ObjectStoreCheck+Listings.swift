import Basics
import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var listings: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("keys come in the order of their bytes", byteOrder),
            ObjectStoreCheck("pages of every size give every key once", everyPageSize),
            ObjectStoreCheck("a prefix cuts by bytes", prefixes),
            ObjectStoreCheck("a delimiter folds, over pages too", delimiter),
            ObjectStoreCheck("a delimiter other than a slash folds", otherDelimiter),
            ObjectStoreCheck("startAfter begins behind any text", startAfter),
            ObjectStoreCheck("1,500 keys come in two pages", manyKeys),
            ObjectStoreCheck("a page of none is refused", pageSizes),
        ]
    }

    /// `a-b` comes before `a/b` and `a.b` between them: where a walk of folders goes wrong.
    private static let awkward = ["a-b", "a.b", "a/b", "a/b-c", "a/b.c/d", "a/b0", "a0", "b/c/d/e", "b/c/e", "c"]

    private static func fill(_ store: any ObjectStore, _ keys: [String]) async throws {
        var random = SeededGenerator(seed: 7)
        for text in keys.shuffled(using: &random) { _ = try await store.put(text, at: key(text)) }
    }

    private static func byteOrder(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let keys = ["!", "A", "Z", "e\u{301}x", "z", "\u{E9}x", "\u{2603}", "\u{1F426}"]
        try await fill(store, keys + awkward.dropFirst(1))
        let listed = try await store.allKeys()
        if !limits.listsByFolder { #expect(listed == listed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }) }
        #expect(listed.count == keys.count + awkward.count - 1)
    }

    private static func everyPageSize(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        try await fill(store, awkward)
        for size in 1...awkward.count + 1 {
            let listed = try await store.allKeys(pageSize: size)
            #expect((limits.listsByFolder ? listed.sorted() : listed) == awkward, "page size \(size)")
        }
    }

    private static func prefixes(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        try await fill(store, awkward)
        for prefix in ["a", "a/", "a/b", "a/b.", "a/b.c/d", "a/b.c/d/", "b/c/", "b/x", "no", "a//", "../", "."] {
            let listed = try await store.allKeys(prefix: prefix, pageSize: 2)
            #expect(
                (limits.listsByFolder ? listed.sorted() : listed) == awkward.filter { $0.hasPrefix(prefix) },
                "prefix \(prefix)")
        }
    }

    private static func delimiter(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        try await fill(store, awkward)
        for size in 1...8 {
            let top = try await folded(store, ListRequest(delimiter: "/", pageSize: size))
            #expect(top.objects == ["a-b", "a.b", "a0", "c"], "page size \(size)")
            #expect(top.prefixes == ["a/", "b/"], "page size \(size)")
            let beneath = try await folded(store, ListRequest(prefix: "a/", delimiter: "/", pageSize: size))
            #expect(beneath.objects == ["a/b", "a/b-c", "a/b0"], "page size \(size)")
            #expect(beneath.prefixes == ["a/b.c/"], "page size \(size)")
        }
        let half = try await folded(store, ListRequest(prefix: "b", delimiter: "/"))
        #expect(half.objects == [] && half.prefixes == ["b/"])
        let level = try await store.level("b/c/")
        #expect(level.objects.map(\.key.text) == ["b/c/e"] && level.commonPrefixes == ["b/c/d/"])
    }

    private static func otherDelimiter(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard !limits.foldsOnlyAtSlashes else { return }
        try await fill(store, ["a-b-c", "a-b-d", "a/b-c/d", "a/b-e", "a/c", "b"])
        guard !limits.repeatsOtherDelimiters else {
            // The server gives out the token that it was given: that must end, in an error.
            await expectError(.invalid) {
                try await folded(store, ListRequest(delimiter: "-", pageSize: 1))
            }
            return
        }
        for size in 1...5 {
            let found = try await folded(store, ListRequest(delimiter: "-", pageSize: size))
            #expect(found.objects == ["a/c", "b"], "page size \(size)")
            #expect(found.prefixes == ["a-", "a/b-"], "page size \(size)")
        }
    }

    private static func startAfter(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        // Within one folder both orders are the same.
        let awkward = limits.listsByFolder ? ["a", "b", "c-d", "c.d", "e"] : awkward
        try await fill(store, awkward)
        let between = limits.listsByFolder ? ["c", "c-"] : ["a", "a/", "a/b.c", "a/zzz", "b/c/d/"]
        for start in awkward + between + ["0", "zz"] {
            var found: [String] = []
            for try await object in store.objects(startAfter: key(start), pageSize: 3) { found.append(object.key.text) }
            #expect(found == awkward.filter { start.utf8.lexicographicallyPrecedes($0.utf8) }, "after \(start)")
        }
    }

    private static func manyKeys(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let keys = (0..<1500).map { "many/" + padded($0 % 3, 1) + "/" + padded($0, 4) }
        try await forEachConcurrently(keys, limit: 8) { _ = try await store.put($0, at: key($0)) }
        let first = try await store.list(ListRequest(prefix: "many/"))
        #expect(first.objects.count == 1000 && first.nextToken != nil)
        #expect(try await store.allKeys(prefix: "many/") == keys.sorted())
    }

    private static func pageSizes(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        await expectError(.invalid) { try await store.list(ListRequest(pageSize: 0)) }
        await expectError(.invalid) { try await store.list(ListRequest(pageSize: 1001)) }
    }

    private static func folded(
        _ store: any ObjectStore, _ request: ListRequest
    ) async throws -> (objects: [String], prefixes: [String]) {
        var request = request
        var objects: [String] = []
        var prefixes: [String] = []
        repeat {
            let page = try await store.list(request)
            #expect(page.objects.count + page.commonPrefixes.count <= request.pageSize)
            objects += page.objects.map(\.key.text)
            prefixes += page.commonPrefixes
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return (objects, prefixes)
    }
}
