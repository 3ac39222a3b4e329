import Basics
import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var objects: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("an object comes back as it was put", roundTrip),
            ObjectStoreCheck("an empty object is an object", emptyObject),
            ObjectStoreCheck("9 MiB come back", largeObject),
            ObjectStoreCheck("a put replaces, and the tag changes with the bytes", replacing),
            ObjectStoreCheck("head, get and list tell the same", sameInfo),
            ObjectStoreCheck("what is not there is notFound", missing),
            ObjectStoreCheck("metadata and content type come back", metadata),
            ObjectStoreCheck("delete removes, and removing nothing is no error", deleting),
            ObjectStoreCheck("1,100 objects go in one call", bulkDelete),
            ObjectStoreCheck("a body that is dropped harms nothing", droppedBody),
        ]
    }

    private static func roundTrip(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let put = try await store.put("hello", at: key("a/b.txt"))
        #expect(put.size == 5)
        #expect(put.key == key("a/b.txt"))
        #expect(try await store.text(at: key("a/b.txt")) == "hello")
        #expect(try await store.contains(key("a/b.txt")))
    }

    private static func emptyObject(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("", at: key("empty"))
        #expect(try await store.head(key("empty")).size == 0)
        #expect(try await store.text(at: key("empty")) == "")
        #expect(try await store.allKeys() == ["empty"])
    }

    private static func largeObject(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let content = patternBytes(9 << 20)
        _ = try await store.put(content, at: key("large"), options: PutOptions())
        #expect(try await store.read(key("large"), limit: .mebibytes(9)) == content)
        await expectError(.limitExceeded) { try await store.read(key("large"), limit: .mebibytes(8)) }
    }

    private static func replacing(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let first = try await store.put("one", at: key("k"))
        let second = try await store.put("two", at: key("k"))
        #expect(try await store.text(at: key("k")) == "two")
        #expect(first.etag != nil && first.etag != second.etag)
        #expect(try await store.head(key("k")).etag == second.etag)
        #expect(try await store.allKeys() == ["k"])
    }

    private static func sameInfo(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("12345", at: key("k"))
        let head = try await store.head(key("k"))
        let get = try await store.get(key("k"), options: GetOptions()).info
        let listed = try #require(try await store.list(ListRequest()).objects.first)
        for info in [head, get, listed] {
            #expect(info.key == key("k"))
            #expect(info.size == 5)
            #expect(info.etag == head.etag)
            // Headers carry whole seconds, listings may carry more.
            #expect(info.lastModified?.seconds == head.lastModified?.seconds)
        }
        #expect(head.etag?.contains("\"") == false)
    }

    private static func missing(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        await expectError(.notFound) { try await store.head(key("no/such")) }
        await expectError(.notFound) { try await store.get(key("no/such"), options: GetOptions()) }
        #expect(try await store.contains(key("no/such")) == false)
        #expect(try await store.readIfPresent(key("no/such"), limit: .kibibytes(1)) == nil)
        #expect(try await store.allKeys() == [])
        // A prefix of an object is none.
        _ = try await store.put("x", at: key("a/b"))
        await expectError(.notFound) { try await store.head(key("a")) }
        await expectError(.notFound) { try await store.get(key("a"), options: GetOptions()) }
    }

    private static func metadata(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let options = PutOptions(contentType: "text/x-check", metadata: ["one": "1", "two-words": "a b  c"])
        _ = try await store.put(bytes("x"), at: key("k"), options: options)
        for info in [try await store.head(key("k")), try await store.get(key("k"), options: GetOptions()).info] {
            if !limits.losesContentType { #expect(info.contentType == "text/x-check") }
            #expect(info.metadata == (limits.losesMetadata ? [:] : options.metadata))
        }
        _ = try await store.put("y", at: key("k"))
        #expect(try await store.head(key("k")).metadata == [:])
    }

    private static func deleting(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("x", at: key("a/b/c"))
        _ = try await store.put("x", at: key("a/d"))
        #expect(try await store.delete([key("a/b/c"), key("never/was")]).isEmpty)
        await expectError(.notFound) { try await store.head(key("a/b/c")) }
        #expect(try await store.allKeys() == ["a/d"])
        #expect(try await store.delete([]).isEmpty)
        // The prefix is free again, as an object too.
        _ = try await store.put("x", at: key("a/b"))
        #expect(try await store.allKeys() == ["a/b", "a/d"])
    }

    private static func bulkDelete(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let keys = (0..<1100).map { key("bulk/" + padded($0, 4)) }
        try await forEachConcurrently(keys, limit: 8) {
            _ = try await store.put(bytes("x"), at: $0, options: PutOptions())
        }
        #expect(try await store.allKeys() == keys.map(\.text))
        #expect(try await store.delete(keys + [key("bulk/missing")]).isEmpty)
        #expect(try await store.allKeys() == [])
    }

    /// A function of its own, so that the body is certainly gone when it returns: a store that lets one reader in at a time
    /// would wait for it otherwise.
    @inline(never)
    private static func readOneChunk(of store: any ObjectStore) async throws {
        var body = try await store.get(key("k"), options: GetOptions()).body.makeAsyncIterator()
        #expect(try await body.next() != nil)
    }

    private static func droppedBody(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put(patternBytes(1 << 20), at: key("k"), options: PutOptions())
        for _ in 0..<20 {
            try await readOneChunk(of: store)
            _ = try await store.get(key("k"), options: GetOptions())
        }
        #expect(try await store.read(key("k"), limit: .mebibytes(1)) == patternBytes(1 << 20))
    }
}
