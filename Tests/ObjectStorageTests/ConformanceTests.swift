import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Every object store keeps its promise` {
    @Test(arguments: ObjectStoreCheck.all)
    func `in memory`(check: ObjectStoreCheck) async throws {
        let store = InMemoryObjectStore()
        try await check.run(on: store)
        #expect(store.openUploads == 0)
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `in a folder`(check: ObjectStoreCheck) async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            try await check.run(on: store, limits: .folder)
        }
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `with retries`(check: ObjectStoreCheck) async throws {
        try await check.run(
            on: RetryingStore(InMemoryObjectStore(), clock: SkippingClock(), random: SeededGenerator(seed: 1)))
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `with one read and one write at a time`(check: ObjectStoreCheck) async throws {
        try await check.run(on: ConcurrencyLimitedStore(InMemoryObjectStore(), reads: 1, writes: 1))
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `with a limit of bytes per second`(check: ObjectStoreCheck) async throws {
        let store = ThrottledStore(
            InMemoryObjectStore(), up: .mebibytes(1), down: .mebibytes(1), clock: SkippingClock())
        try await check.run(on: store)
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `beneath a prefix`(check: ObjectStoreCheck) async throws {
        let base = InMemoryObjectStore()
        for key in ["clusters/a", "clusters/b/0", "other"] {
            _ = try await base.put(.init(string: "not yours"), at: ObjectKey(key)!, options: PutOptions())
        }
        let limits = StoreLimits { $0.refusedKeys = [.longest] }
        try await check.run(on: PrefixStore(base, prefix: "clusters/b/1/"), limits: limits)
        for key in ["clusters/a", "clusters/b/0", "other"] { #expect(try await base.contains(ObjectKey(key)!)) }
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `with a meter`(check: ObjectStoreCheck) async throws {
        try await check.run(on: MeteredStore(InMemoryObjectStore()))
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `with all wrappers at once, over a folder`(check: ObjectStoreCheck) async throws {
        try await withTemporaryFolder { path in
            let clock = SkippingClock()
            let throttled = ThrottledStore(
                PrefixStore(try FolderObjectStore(path: path), prefix: "p/"), up: .mebibytes(100), down: nil,
                clock: clock)
            let limited = ConcurrencyLimitedStore(throttled, reads: 4, writes: 4)
            let retrying = RetryingStore(MeteredStore(limited), clock: clock, random: SeededGenerator(seed: 1))
            var limits = StoreLimits.folder
            limits.refusedKeys.insert(.longest)
            try await check.run(on: retrying, limits: limits)
        }
    }
}

extension StoreLimits {
    static let folder = StoreLimits {
        $0.refusesKeyBesidePrefix = true
        $0.refusedKeys = [.longName]
        $0.takesSmallParts = true
    }
}
