import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// A repository with two snapshots of much, of which one is forgotten: something to prune.
struct PruneScene {
    let store: any ObjectStore
    let repository: Repository
    let kept: [TestFile]
    let snapshot: ResticID

    init(store: any ObjectStore = InMemoryObjectStore(), seed: UInt64 = 1, count: Int = 60) async throws {
        self.store = store
        repository = try await makeRepository(in: store)
        kept = TestFile.random(count, seed: seed)
        let gone = TestFile.random(count, seed: seed + 1000)
        var options = WriterOptions()
        options.packBytes = 40_000
        // Packs of both: what is kept lies between what goes.
        let mixed = zip(kept, gone).flatMap { [$0, $1] }
        let all = try await repository.loadIndex().backUp(mixed.sorted { $0.name < $1.name }, options: options)
        snapshot = try await repository.loadIndex().backUp(kept, options: options, time: "2026-11-02T12:00:00Z")
        let failures = try await repository.removeSnapshots([all])
        precondition(failures.isEmpty)
    }

    /// That everything kept is there, and the own check finds nothing wrong.
    static func expectWhole(
        _ store: any ObjectStore, _ files: [TestFile],
        allowing hints: Set<CheckFinding.Kind> = [.orphanPack, .repeatedPack]
    ) async throws {
        let repository = try await Repository.open(store, password: testPassword, environment: .test())
        var options = CheckOptions()
        options.read = .all
        let report = try await repository.check(options)
        #expect(report.isClean, "\(report.findings)")
        #expect(report.findings.allSatisfy { hints.contains($0.kind) }, "\(report.findings)")
        let indexed = try await repository.loadIndex()
        for blob in files.flatMap(\.content) {
            let handle = BlobHandle(.data, ResticID(hashing: blob))
            #expect(try await indexed.loadBlob(handle) == blob)
        }
    }
}

@Suite struct `Pruning` {
    @Test func `frees what no snapshot needs, and keeps the rest`() async throws {
        let scene = try await PruneScene()
        let before = try await scene.repository.files.list(.pack).map(\.size).reduce(0, +)
        var options = PruneOptions()
        options.maxUnused = .bytes(0)
        let outcome = try await scene.repository.prune(options)
        #expect(outcome.plan.counts.blobs.unused > 60)
        #expect(outcome.leftPacks.isEmpty)
        let after = try await scene.repository.files.list(.pack).map(\.size).reduce(0, +)
        #expect(after < before * 2 / 3)
        #expect(after == outcome.plan.counts.bytes.remaining || after < outcome.plan.counts.bytes.remaining + 4096)
        try await PruneScene.expectWhole(scene.store, scene.kept, allowing: [])
    }

    @Test func `a second run has nothing to do`() async throws {
        let scene = try await PruneScene()
        var options = PruneOptions()
        options.maxUnused = .bytes(0)
        _ = try await scene.repository.prune(options)
        options.smallPackBytes = 0
        #expect(try await scene.repository.planPrune(options).removesNothing)
    }

    @Test func `what may stay unused stays`() async throws {
        let scene = try await PruneScene()
        var options = PruneOptions()
        options.maxUnused = .unlimited
        options.smallPackBytes = 0
        let plan = try await scene.repository.planPrune(options)
        // Directories are always tidied; data packs with something in use are not.
        for (verdict, usage) in zip(plan.verdicts, plan.usage) where usage.content == .data {
            #expect(verdict == (usage.usedBlobs == 0 ? .remove : .keep))
        }
        options.maxUnused = .bytes(0)
        let strict = try await scene.repository.planPrune(options)
        for (verdict, usage) in zip(strict.verdicts, strict.usage) where usage.unusedBlobs > 0 {
            #expect(verdict == (usage.usedBlobs == 0 ? .remove : .repack))
        }
    }

    @Test func `a limit of what is moved is kept`() async throws {
        let scene = try await PruneScene()
        var options = PruneOptions()
        options.maxUnused = .bytes(0)
        options.maxRepackBytes = 200_000
        let plan = try await scene.repository.planPrune(options)
        #expect(plan.counts.bytes.repack < 200_000)
        #expect(plan.counts.packFiles.repack > 0)
    }

    @Test func `missing data stops it before anything is removed`() async throws {
        let scene = try await PruneScene()
        let indexed = try await scene.repository.loadIndex()
        let handle = BlobHandle(.data, ResticID(hashing: scene.kept[0].content[0]))
        let pack = try #require(indexed.index.location(of: handle)?.pack)
        _ = try await scene.repository.files.remove(.pack, [pack])
        let before = try await scene.repository.files.list(.pack)
        let error = await #expect(throws: RepositoryError.self) { try await scene.repository.prune() }
        #expect(error?.code == .damaged)
        #expect(try await scene.repository.files.list(.pack) == before)
    }

    @Test func `repeated blobs are reduced to one copy`() async throws {
        let store = InMemoryObjectStore()
        let repository = try await makeRepository(in: store)
        let files = TestFile.random(30, seed: 9)
        // Two clients that began at the same time, and did not see each other.
        let (first, second) = (try await repository.loadIndex(), try await repository.loadIndex())
        try await first.backUp(files)
        try await second.backUp(files, time: "2026-11-02T12:00:00Z")
        var options = PruneOptions()
        options.maxUnused = .bytes(0)
        let outcome = try await repository.prune(options)
        #expect(outcome.plan.counts.blobs.duplicate == Set(files.flatMap(\.content)).count + 3)
        try await PruneScene.expectWhole(store, files, allowing: [])
        let index = try await repository.loadIndex().index
        #expect(index.blobCount == Set(files.flatMap(\.content)).count + 3)
    }

    @Test(arguments: ResticProgram.all)
    func `the real restic finds it clean, and prunes it further`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            let scene = try await PruneScene(store: try FolderObjectStore(path: folder))
            var options = PruneOptions()
            options.maxUnused = .percent(20)
            _ = try await scene.repository.prune(options)
            let password = testPassword.reveal()
            let check = try restic.run(["check", "--read-data"], repository: folder, password: password)
            #expect(check.exitCode == 0, "\(check)")
            let prune = try restic.run(["prune", "--max-unused", "0"], repository: folder, password: password)
            #expect(prune.exitCode == 0, "\(prune)")
            try await PruneScene.expectWhole(scene.store, scene.kept, allowing: [])
        }
    }
}
