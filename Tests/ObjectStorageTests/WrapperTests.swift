import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Wrappers` {
    private let base = InMemoryObjectStore()
    private let key = ObjectKey("k")!

    @Test func `a read-only store refuses every write and reads as before`() async throws {
        _ = try await base.put(ByteBuffer(string: "x"), at: key, options: PutOptions())
        let store = ReadOnlyStore(base)
        let writes: [() async throws -> Void] = [
            { _ = try await store.put(ByteBuffer(), at: key, options: PutOptions()) },
            { _ = try await store.beginUpload(at: key, options: PutOptions()) },
            { _ = try await store.delete([key]) },
        ]
        for write in writes {
            let error = await #expect(throws: StoreError.self) { try await write() }
            #expect(error?.code == .forbidden)
        }
        #expect(try await store.head(key).size == 1)
        #expect(try await store.read(key, limit: .kibibytes(1)) == ByteBuffer(string: "x"))
        #expect(try await store.list(ListRequest()).objects.count == 1)
    }

    @Test func `a limit holds, and open bodies count`() async throws {
        let counting = InFlightStore(base)
        let store = ConcurrencyLimitedStore(counting, reads: 2, writes: 3)
        try await forEachConcurrently(0..<40, limit: 20) { number in
            _ = try await store.put(ByteBuffer(string: "x"), at: ObjectKey("\(number)")!, options: PutOptions())
        }
        #expect(counting.most == 3)
        // A copy within the store holds a body while it writes; bodies that are dropped or read give their turn back.
        let narrow = ConcurrencyLimitedStore(base, reads: 1, writes: 1)
        for _ in 0..<5 {
            _ = try await narrow.get(ObjectKey("1")!, options: GetOptions())
            let open = try await narrow.get(ObjectKey("1")!, options: GetOptions())
            _ = try await narrow.put(ByteBuffer(string: "y"), at: key, options: PutOptions())
            for try await _ in open.body {}
            _ = try await narrow.head(key)
        }
    }

    @Test func `waiting for a turn ends with the task`() async throws {
        let store = ConcurrencyLimitedStore(base, reads: 1, writes: 1)
        _ = try await base.put(ByteBuffer(string: "x"), at: key, options: PutOptions())
        let open = try await store.get(key, options: GetOptions())
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await store.head(key) }
            group.cancelAll()
            let error = await #expect(throws: StoreError.self) { try await group.next() }
            #expect(error?.code == .cancelled)
        }
        for try await _ in open.body {}
        _ = try await store.head(key)
    }

    @Test func `a throttle spreads bytes over time`() async throws {
        let clock = SkippingClock()
        let store = ThrottledStore(base, up: ByteCount(1000), down: ByteCount(100), clock: clock)
        for _ in 0..<4 { _ = try await store.put(patternBytes(500), at: key, options: PutOptions()) }
        // The first goes at once, the fourth after the time of three.
        #expect(clock.now.sinceStart == .milliseconds(1500))
        _ = try await store.read(key, limit: .kibibytes(1))
        _ = try await store.read(key, limit: .kibibytes(1))
        #expect(clock.now.sinceStart == .milliseconds(6500))
    }

    @Test func `a meter counts calls, bytes and failures`() async throws {
        let store = MeteredStore(base)
        _ = try await store.put(patternBytes(500), at: key, options: PutOptions())
        _ = try await store.read(key, limit: .kibibytes(1))
        await #expect(throws: StoreError.self) { try await store.head(ObjectKey("no")!) }
        #expect(store.use.calls == [.put: 1, .get: 1, .head: 1])
        #expect(store.use.failures == [.notFound: 1])
        #expect(store.use.bytesUp == 500 && store.use.bytesDown == 500)
    }

    @Test func `a prefix that makes the key too long is refused`() async throws {
        let error = await #expect(throws: StoreError.self) {
            try await PrefixStore(base, prefix: "p/").head(ObjectKey(String(repeating: "k", count: 1023))!)
        }
        #expect(error?.code == .invalid)
    }
}
