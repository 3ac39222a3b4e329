import Basics
import MartletTestSupport
import NIOCore
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
    /// Whether nothing is damaged at the start, and so at no time.
    var startsWhole = true

    func run(on start: InMemoryObjectStore) async throws {
        let counting = DyingStore(try await copy(of: start))
        try await work(counting)
        #expect(counting.writes > 2)
        for writes in 0..<counting.writes {
            let store = try await copy(of: start)
            let dying = DyingStore(store, writes: writes)
            await #expect(throws: (any Error).self, "writes: \(writes)") { try await work(dying) }
            #expect(dying.isDead)
            if startsWhole {
                try await PruneScene.expectWhole(store, kept)
                if writes % sample == 0 { try await judge(store) }
            }
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

    @Test func `forgetting, with a prune`() async throws {
        let store = InMemoryObjectStore()
        let repository = try await makeRepository(in: store)
        let indexed = try await repository.loadIndex()
        let kept = TestFile.random(8, seed: 43)
        for day in 1...4 {
            let files = TestFile.random(4, seed: UInt64(50 + day))
            try await indexed.backUp(
                (kept + files).sorted { $0.name < $1.name }, time: "2026-11-0\(day)T12:00:00Z")
        }
        let course = CrashCourse(kept: kept) { store in
            let repository = try await reopen(store)
            let plan = try ForgetPlan(
                try await repository.snapshots(), policy: KeepPolicy { $0.last = .some(1) },
                now: Timestamp("2026-12-01T00:00:00Z")!)
            let failures = try await repository.removeSnapshots(plan.forgotten.map(\.id))
            #expect(failures.isEmpty)
            var options = PruneOptions()
            options.maxUnused = .bytes(0)
            _ = try await repository.prune(options)
        }
        try await course.run(on: store)
    }

    @Test func `the repair of a damaged pack and of the snapshot`() async throws {
        let store = InMemoryObjectStore()
        let files = TestFile.random(12, seed: 44)
        try await makeRepository(in: store).loadIndex().backUp(files)
        let packs = try await store.list(ListRequest(prefix: "data/")).objects
        let key = try #require(packs.max { $0.size < $1.size }).key
        let pack = try #require(FileKind.file(at: key.text)).id
        var bytes = try await store.read(key, limit: .mebibytes(64))
        let flipped = try #require(bytes.getInteger(at: 40, as: UInt8.self)) ^ 1
        bytes.setInteger(flipped, at: 40)
        _ = try await store.put(bytes, at: key, options: PutOptions())
        let index = try await reopen(store).loadIndex().index
        let lost = try #require(
            index.handles(.data).first { handle in
                index.locations(of: handle).contains { $0.pack == pack && $0.offset == 0 }
            })
        let kept = files.filter { file in !file.content.contains { ResticID(hashing: $0) == lost.id } }
        #expect(kept.count == files.count - 1)
        let course = CrashCourse(
            kept: kept,
            work: { store in
                let repository = try await reopen(store)
                _ = try await repository.repairPacks([pack])
                let snapshots = try await repository.snapshots()
                _ = try await repository.repairSnapshots(snapshots, forgets: true)
            }, startsWhole: false)
        try await course.run(on: store)
    }
}
