import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Locks` {
    /// A repository that another process, of pid 1, uses too.
    private func pair(
        _ clock: ManualClock, state: @escaping @Sendable (LockOwner) -> OwnerState = { _ in .unknown }
    ) async throws -> (own: Repository, other: Repository) {
        let store = InMemoryObjectStore(clock: clock.wall)
        _ = try await makeRepository(in: store)
        return (
            try await reopen(store, environment: .test(clock, state: state)),
            try await reopen(store, environment: .test(clock, host: "otherhost", pid: 1))
        )
    }

    @Test(arguments: LockKind.allCases, LockKind.allCases)
    func `who may stand beside whom`(first: LockKind, second: LockKind) async throws {
        let (own, other) = try await pair(ManualClock())
        let isAllowed = first == .shared && second == .shared
        try await other.withLock(first) {
            do {
                try await own.withLock(second) { #expect(isAllowed) }
                #expect(isAllowed)
            } catch let error as RepositoryError {
                #expect(!isAllowed)
                #expect(error.code == .locked)
                #expect(error.message.contains("process 1 of tester on otherhost"))
            }
            #expect(try await own.files.list(.lock).count == 1)
        }
        #expect(try await own.files.list(.lock).isEmpty)
    }

    @Test func `a lock goes when the work fails`() async throws {
        let (own, _) = try await pair(ManualClock())
        await #expect(throws: StoreError.self) {
            try await own.withLock(.exclusive) { throw StoreError(.forbidden, "planned") }
        }
        #expect(try await own.files.list(.lock).isEmpty)
    }

    @Test func `patience waits for others, and not for ever`() async throws {
        let clock = ManualClock()
        let (own, other) = try await pair(clock)
        try await other.withLock(.exclusive) {
            let error = await #expect(throws: RepositoryError.self) {
                try await own.withLock(.shared, patience: .seconds(100)) {}
            }
            #expect(error?.code == .locked)
        }
    }

    /// What a killed process leaves: a lock that nobody refreshes.
    private func leaveLock(_ repository: Repository, _ kind: LockKind) async throws {
        let lock = LockFile(
            time: NodeTime(repository.environment.clock.now()), isExclusive: kind == .exclusive, hostname: "otherhost",
            username: "tester", processID: 1)
        _ = try await repository.saveLock(lock)
    }

    @Test func `a lock that nobody refreshed for half an hour is in nobody's way`() async throws {
        let clock = ManualClock()
        let (own, other) = try await pair(clock)
        try await leaveLock(other, .exclusive)
        clock.advance(.seconds(29 * 60))
        let error = await #expect(throws: RepositoryError.self) { try await own.withLock(.shared) {} }
        #expect(error?.code == .locked)
        clock.advance(.seconds(2 * 60))
        try await own.withLock(.exclusive) {}
        #expect(try await own.files.list(.lock).isEmpty)
    }

    @Test func `a lock whose owner is known to be gone is in nobody's way at once`() async throws {
        let (own, other) = try await pair(ManualClock()) { $0.hostname == "otherhost" ? .gone : .unknown }
        try await leaveLock(other, .exclusive)
        try await own.withLock(.exclusive) {}
        #expect(try await own.files.list(.lock).isEmpty)
    }

    @Test func `what is only probable is not enough, but for a person who unlocks`() async throws {
        let (own, other) = try await pair(ManualClock()) { _ in .probablyGone }
        try await leaveLock(other, .exclusive)
        let error = await #expect(throws: RepositoryError.self) { try await own.withLock(.shared) {} }
        #expect(error?.code == .locked)
        #expect(try await own.unlock() == 1)
        try await own.withLock(.shared) {}
    }

    @Test func `unlocking leaves those who are at work alone`() async throws {
        let (own, other) = try await pair(ManualClock())
        try await other.withLock(.shared) {
            let (some, all) = (try await own.unlock(), try await own.unlock(all: true))
            #expect(some == 0)
            #expect(all == 1)
        }
    }

    @Test func `a file without bytes is no lock, one that cannot be read may be`() async throws {
        let (own, _) = try await pair(ManualClock())
        let id = ResticID(hashing: [1])
        let key = own.files.objectKey(.lock, id)
        _ = try await own.files.store.put(.init(), at: key, options: PutOptions())
        try await own.withLock(.exclusive) {}
        _ = try await own.files.store.put(.init(string: "no lock at all"), at: key, options: PutOptions())
        let error = await #expect(throws: RepositoryError.self) { try await own.withLock(.exclusive) {} }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("cannot be read") ?? false)
    }

    @Test func `two who try at the same moment never both succeed`() async throws {
        let clock = ManualClock()
        for _ in 0..<50 {
            let (own, other) = try await pair(clock)
            let holders = HolderCount()
            await withTaskGroup { group in
                for repository in [own, other] {
                    group.addTask {
                        // Both may fail; that is no failure of the lock.
                        try? await repository.withLock(.exclusive) {
                            holders.enter()
                            for _ in 0..<20 { await Task.yield() }
                            holders.leave()
                        }
                    }
                }
            }
            #expect(holders.most <= 1)
        }
    }

    @Test(arguments: ResticProgram.all)
    func `the real restic respects it, and is respected`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            let repository = try await makeRepository(
                in: try FolderObjectStore(path: folder), environment: .test(ManualClock(systemTime())))
            try await repository.loadIndex().backUp(TestFile.random(3, seed: 1))
            let password = testPassword.reveal()
            try await repository.withLock(.shared) {
                let prune = try restic.run(["prune"], repository: folder, password: password)
                #expect(prune.exitCode != 0)
                #expect(prune.errors.contains("locked"), "\(prune)")
                #expect(try restic.run(["snapshots"], repository: folder, password: password).exitCode == 0)
            }
            let prune = try restic.run(["prune"], repository: folder, password: password)
            #expect(prune.exitCode == 0, "\(prune)")
        }
    }
}
