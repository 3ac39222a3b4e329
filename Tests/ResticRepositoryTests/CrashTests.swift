import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// Work on a repository, killed at every one of its writes.
///
/// After each kill the repository opens, the own check finds nothing but what a kill may leave, for a sample of the kills
/// the real restic agrees; and a second run finishes the work.
struct CrashCourse: Sendable {
    /// What must be readable afterwards, whenever the kill came.
    let kept: [TestFile]
    let work: @Sendable (any ObjectStore) async throws -> Void
    /// Every so many kills, restic looks too.
    var sample = 7

    func run(on start: InMemoryObjectStore) async throws {
        let counting = DyingStore(try await copy(of: start))
        try await work(counting)
        #expect(counting.writes > 2)
        for writes in 0..<counting.writes {
            let store = try await copy(of: start)
            let dying = DyingStore(store, writes: writes)
            await #expect(throws: (any Error).self, "writes: \(writes)") { try await work(dying) }
            #expect(dying.isDead)
            try await PruneScene.expectWhole(store, kept)
            if writes % sample == 0 { try await judge(store) }
            try await work(store)
            try await PruneScene.expectWhole(store, kept)
        }
    }

    private func judge(_ store: InMemoryObjectStore) async throws {
        for restic in ResticProgram.all {
            try await withFolder(of: store) { folder in
                let check = try restic.run(
                    ["check", "--read-data", "--no-lock"], repository: folder, password: testPassword.reveal())
                #expect(check.exitCode == 0, "\(check)")
            }
        }
    }
}

@Suite struct `Killed at every write` {
    @Test func `a backup`() async throws {
        let store = InMemoryObjectStore()
        let kept = TestFile.random(20, seed: 21)
        try await makeRepository(in: store).loadIndex().backUp(kept)
        let new = TestFile.random(40, seed: 22)
        let course = CrashCourse(kept: kept) { store in
            var options = WriterOptions()
            options.packBytes = 60_000
            options.indexInterval = .zero
            let indexed = try await reopen(store).loadIndex()
            try await indexed.backUp(new, options: options, time: "2026-11-03T12:00:00Z")
        }
        try await course.run(on: store)
    }

    @Test func `a prune`() async throws {
        let scene = try await PruneScene(seed: 31, count: 25)
        let store = try await copy(of: scene.store)
        let course = CrashCourse(kept: scene.kept) { store in
            var options = PruneOptions()
            options.maxUnused = .bytes(0)
            options.targetPackBytes = 60_000
            _ = try await reopen(store).prune(options)
        }
        try await course.run(on: store)
    }

    @Test func `work under a lock`() async throws {
        let store = InMemoryObjectStore()
        let kept = TestFile.random(5, seed: 41)
        try await makeRepository(in: store).loadIndex().backUp(kept)
        let clock = ManualClock()
        let course = CrashCourse(
            kept: kept,
            work: { store in
                // Each run comes an hour after the one before: locks that were left are dead by then.
                clock.advance(.seconds(3600))
                let repository = try await reopen(store, environment: .test(clock))
                try await repository.withLock(.exclusive) {
                    _ = try await repository.loadIndex().backUp(TestFile.random(5, seed: 42))
                }
                #expect(try await repository.files.list(.lock).isEmpty)
            }, sample: 2)
        try await course.run(on: store)
    }
}
