import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `A cache of what every command reads` {
    @Test func `spares requests, and is right`() async throws {
        let base = InMemoryObjectStore()
        let files = TestFile.random(10, seed: 1)
        try await makeRepository(in: base).loadIndex().backUp(files)
        let cache = InMemoryObjectStore()
        let counting = FaultyStore(base, faults: [])
        let store = CachedStore(counting, cache: cache)
        _ = try await reopen(store).loadIndex()
        let first = counting.count(.get)
        _ = try await reopen(store).loadIndex()
        #expect(counting.count(.get) == first + first - 1)
        try await PruneScene.expectWhole(store, files, allowing: [])
    }

    @Test func `does not believe what was altered in it`() async throws {
        let base = InMemoryObjectStore()
        let files = TestFile.random(10, seed: 2)
        let cache = InMemoryObjectStore()
        let store = CachedStore(base, cache: cache)
        let repository = try await makeRepository(in: store)
        try await repository.loadIndex().backUp(files)
        #expect(try await cache.list(ListRequest()).objects.count == 2)
        for object in try await cache.list(ListRequest()).objects {
            _ = try await cache.put(ByteBuffer(string: "altered"), at: object.key, options: PutOptions())
        }
        try await PruneScene.expectWhole(store, files, allowing: [])
    }

    @Test func `forgets what is gone`() async throws {
        let base = InMemoryObjectStore()
        let cache = InMemoryObjectStore()
        let store = CachedStore(base, cache: cache)
        let repository = try await makeRepository(in: store)
        try await repository.loadIndex().backUp(TestFile.random(3, seed: 3))
        let snapshots = try await repository.snapshots().map(\.id)
        _ = try await reopen(base).removeSnapshots(snapshots)
        try await store.tidy()
        #expect(try await cache.list(ListRequest()).objects.allSatisfy { $0.key.text.hasPrefix("index/") })
    }
}
