import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var conditions: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("ifAbsent writes once", ifAbsent),
            ObjectStoreCheck("ifMatch writes over the expected tag only", ifMatch),
            ObjectStoreCheck("get with another tag fails", getIfMatch),
            ObjectStoreCheck("the store says whether it honours conditions", honoured),
        ]
    }

    private static func ifAbsent(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("first", at: key("k"), .ifAbsent)
        guard !limits.ignoresConditions else {
            _ = try await store.put("second", at: key("k"), .ifAbsent)
            #expect(try await store.text(at: key("k")) == "second")
            return
        }
        await expectError(.preconditionFailed) { try await store.put("second", at: key("k"), .ifAbsent) }
        #expect(try await store.text(at: key("k")) == "first")
        _ = try await store.delete([key("k")])
        _ = try await store.put("third", at: key("k"), .ifAbsent)
        #expect(try await store.text(at: key("k")) == "third")
    }

    private static func ifMatch(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard !limits.ignoresConditions else { return }
        let first = try #require(try await store.put("first", at: key("k")).etag)
        let second = try #require(try await store.put("second", at: key("k"), .ifMatch(first)).etag)
        await expectError(.preconditionFailed) { try await store.put("third", at: key("k"), .ifMatch(first)) }
        #expect(try await store.text(at: key("k")) == "second")
        _ = try await store.delete([key("k")])
        await expectError(.preconditionFailed, .notFound) {
            try await store.put("fourth", at: key("k"), .ifMatch(second))
        }
        #expect(try await store.contains(key("k")) == false)
    }

    private static func getIfMatch(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let first = try #require(try await store.put("first", at: key("k")).etag)
        let again = try await store.get(key("k"), options: GetOptions(ifMatch: first)).info
        #expect(again.etag == first)
        _ = try await store.put("second", at: key("k"))
        guard !limits.ignoresConditions else { return }
        await expectError(.preconditionFailed) { try await store.get(key("k"), options: GetOptions(ifMatch: first)) }
        await expectError(.preconditionFailed) {
            try await store.get(key("k"), options: GetOptions(range: 0..<2, ifMatch: first))
        }
    }

    private static func honoured(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        #expect(try await store.honoursConditions(probe: key("probe")) == !limits.ignoresConditions)
        #expect(try await store.allKeys() == [])
    }
}
