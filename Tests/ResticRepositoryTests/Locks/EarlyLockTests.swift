import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Synchronization
import Testing

/// The pauses here are those of the real clock: only then does work begin early. On a machine that is too slow for that it
/// begins late, and everything below holds all the same.
@Suite struct `Work that begins while its lock is not certain` {
    private let base = InMemoryObjectStore()

    private func repository(rival: Bool) async throws -> Repository {
        let clock = ManualClock(systemTime())
        let other = try await makeRepository(in: base, environment: .test(clock, host: "otherhost", pid: 1))
        let store = RivalStore(base) {
            guard rival else { return }
            let lock = LockFile(
                time: NodeTime(clock.wall.now()), isExclusive: true, hostname: "otherhost", username: "tester",
                processID: 1)
            _ = try? await other.saveLock(lock)
        }
        let owner = LockOwner(hostname: "testhost", username: "tester", pid: 4242)
        return try await reopen(store, environment: RepositoryEnvironment(clock: clock.wall, owner: owner))
    }

    @Test func `is done as any other`() async throws {
        let own = try await repository(rival: false)
        let id = try await own.withLock(.shared, startsEarly: true) {
            try await own.loadIndex().backUp(TestFile.random(3, seed: 1))
        }
        #expect(try await own.snapshots().map(\.id) == [id])
        #expect(try await own.files.list(.lock).isEmpty)
    }

    @Test func `changes nothing if the lock is refused, and can be tried again`() async throws {
        let own = try await repository(rival: true)
        let error = await #expect(throws: RepositoryError.self) {
            try await own.withLock(.shared, startsEarly: true) {
                try await own.loadIndex().backUp(TestFile.random(3, seed: 1))
            }
        }
        #expect(error?.code == .locked)
        let (packs, snapshots) = (try await own.files.list(.pack), try await own.files.list(.snapshot))
        #expect(packs.isEmpty && snapshots.isEmpty)
        // The other's lock is left, the own one is not.
        #expect(try await own.files.list(.lock).count == 1)
        #expect(try await own.unlock(all: true) == 1)
        try await own.withLock(.shared, startsEarly: true) {
            try await own.loadIndex().backUp(TestFile.random(3, seed: 1))
        }
        #expect(try await own.snapshots().count == 1)
    }

    @Test func `is not believed before the lock is certain`() async throws {
        let own = try await repository(rival: true)
        let error = await #expect(throws: RepositoryError.self) {
            try await own.withLock(.shared, startsEarly: true) { 42 }
        }
        #expect(error?.code == .locked)
    }

    @Test func `leaves no lock when it fails`() async throws {
        let own = try await repository(rival: false)
        await #expect(throws: StoreError.self) {
            try await own.withLock(.shared, startsEarly: true) { throw StoreError(.forbidden, "planned") }
        }
        #expect(try await own.files.list(.lock).isEmpty)
        try await own.withLock(.exclusive) {}
    }
}

/// Right after the first lock file was written, somebody else does something.
private final class RivalStore: ObjectStore {
    private let base: InMemoryObjectStore
    private let rival: @Sendable () async -> Void
    private let isDone = Atomic(false)

    init(_ base: InMemoryObjectStore, rival: @escaping @Sendable () async -> Void) {
        self.base = base
        self.rival = rival
    }

    var location: String { base.location }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await base.get(key, options: options)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        let info = try await base.put(bytes, at: key, options: options)
        if key.text.hasPrefix("locks/"), !isDone.exchange(true, ordering: .relaxed) { await rival() }
        return info
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try await base.beginUpload(at: key, options: options)
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { try await base.delete(keys) }
}
