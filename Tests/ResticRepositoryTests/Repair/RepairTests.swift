import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Repairing` {
    private func scene() async throws -> (InMemoryObjectStore, [TestFile], Repository) {
        let store = InMemoryObjectStore()
        let files = TestFile.random(30, seed: 61)
        let repository = try await makeRepository(in: store)
        var options = WriterOptions()
        options.packBytes = 100_000
        try await repository.loadIndex().backUp(files, options: options)
        return (store, files, repository)
    }

    private func dataPack(_ store: InMemoryObjectStore) async throws -> ResticID {
        let packs = try await store.list(ListRequest(prefix: "data/")).objects
        let key = try #require(packs.max { $0.size < $1.size }).key
        return try #require(FileKind.file(at: key.text)).id
    }

    private func alter(_ store: InMemoryObjectStore, pack: ResticID, _ change: (inout [UInt8]) -> Void) async throws {
        let key = RepositoryFiles(store).objectKey(.pack, pack)
        var bytes = Array(buffer: try await store.read(key, limit: .mebibytes(64)))
        change(&bytes)
        _ = try await store.put(ByteBuffer(bytes: bytes), at: key, options: PutOptions())
    }

    @Test(arguments: [false, true])
    func `an index that is gone is made of the packs`(readsAll: Bool) async throws {
        let (store, files, repository) = try await scene()
        let indexes = try await repository.files.list(.index).map(\.id)
        _ = try await repository.files.remove(.index, indexes)
        let repair = try await repository.repairIndex(readsAllPacks: readsAll)
        let packs = try await repository.files.list(.pack)
        #expect(repair.indexedPacks.count == packs.count)
        try await PruneScene.expectWhole(store, files, allowing: [])
        #expect(try await repository.repairIndex().changesNothing)
    }

    @Test func `a damaged index file is replaced`() async throws {
        let (store, files, repository) = try await scene()
        let index = try #require(try await repository.files.list(.index).first).id
        let key = repository.files.objectKey(.index, index)
        _ = try await store.put(ByteBuffer(string: "nonsense"), at: key, options: PutOptions())
        let repair = try await repository.repairIndex()
        #expect(repair.damagedIndexFiles == [index])
        try await PruneScene.expectWhole(store, files, allowing: [])
    }

    @Test func `reading all packs changes nothing of a whole repository`() async throws {
        let (store, files, repository) = try await scene()
        _ = try await repository.repairIndex(readsAllPacks: true)
        try await PruneScene.expectWhole(store, files, allowing: [])
    }

    @Test func `what a damaged pack still holds is saved, and the snapshot is what is left`() async throws {
        let (store, files, repository) = try await scene()
        let pack = try await dataPack(store)
        try await alter(store, pack: pack) { $0[40] ^= 1 }
        let kept = BytesKept()
        let repair = try await repository.repairPacks([pack]) { id, bytes in kept.add(id, bytes.readableBytes) }
        #expect(repair.lostBlobs.count == 1)
        #expect(repair.savedBlobs.count > 3)
        #expect(repair.removedPacks == [pack])
        #expect(kept.ids == [pack])
        let broken = try await repository.check()
        #expect(Set(broken.findings.map(\.kind)) == [.missingBlob])

        let old = try await repository.snapshots()
        let repairs = try await repository.repairSnapshots(old, forgets: true)
        guard case .repaired(let new) = try #require(repairs[old[0].id]) else {
            Issue.record("not repaired: \(repairs)")
            return
        }
        let snapshots = try await repository.snapshots()
        #expect(snapshots.map(\.id) == [new])
        #expect(snapshots[0].snapshot.original == old[0].id)
        let lost = Set(repair.lostBlobs.map(\.id))
        let whole = files.filter { file in !file.content.contains { lost.contains(ResticID(hashing: $0)) } }
        #expect(whole.count == files.count - 1)
        try await PruneScene.expectWhole(store, whole, allowing: [])
    }

    @Test func `a directory that is lost becomes empty`() async throws {
        let (store, _, repository) = try await scene()
        let indexed = try await repository.loadIndex()
        let snapshot = try await repository.snapshot(named: "latest")
        let root = try await indexed.loadTree(snapshot.snapshot.tree)
        let lost = try #require(root.nodes[0].subtree)
        // A repository without that one blob.
        let location = try #require(indexed.index.location(of: BlobHandle(.tree, lost)))
        try await alter(store, pack: location.pack) { $0[location.offset + 20] ^= 1 }
        _ = try await repository.repairPacks([location.pack])
        let repairs = try await repository.repairSnapshots([snapshot], forgets: false)
        guard case .repaired(let new) = try #require(repairs[snapshot.id]) else {
            Issue.record("not repaired: \(repairs)")
            return
        }
        let repaired = try await repository.loadSnapshot(new)
        #expect(repaired.tags == ["repaired"])
        let after = try await repository.loadIndex()
        let folders = try await after.loadTree(repaired.tree).nodes
        let emptied = try #require(folders[0].subtree)
        #expect(try await after.loadTree(emptied).nodes.isEmpty)
        #expect(folders[1].subtree == root.nodes[1].subtree)
    }

    @Test func `a whole snapshot is left as it is`() async throws {
        let (_, _, repository) = try await scene()
        let snapshots = try await repository.snapshots()
        let repairs = try await repository.repairSnapshots(snapshots, forgets: true)
        #expect(Array(repairs.values) == [.whole])
        #expect(try await repository.snapshots() == snapshots)
    }

    @Test func `repairing the index, killed at every write`() async throws {
        let (store, files, repository) = try await scene()
        // Two clients that did not see each other, then an index file that is gone: packs known twice, and not at all.
        let more = TestFile.random(15, seed: 62)
        let (first, second) = (try await repository.loadIndex(), try await repository.loadIndex())
        try await first.backUp(more, time: "2026-11-02T12:00:00Z")
        let before = try await repository.files.list(.index).map(\.id)
        try await second.backUp(more, time: "2026-11-03T12:00:00Z")
        let lost = try await repository.files.list(.index).map(\.id).filter { !before.contains($0) }
        _ = try await repository.files.remove(.index, lost)
        let course = CrashCourse(
            kept: files + more, work: { store in _ = try await reopen(store).repairIndex(readsAllPacks: true) },
            sample: 1)
        try await course.run(on: store)
    }
}

@Suite struct `Snapshots that are lost or changed` {
    @Test func `directories without a snapshot get one`() async throws {
        let repository = try await makeRepository()
        let id = try await repository.loadIndex().backUp(TestFile.random(6, seed: 91))
        let lost = try await repository.loadSnapshot(id)
        _ = try await repository.removeSnapshots([id])
        let recovered = try await repository.loadSnapshot(try #require(try await repository.recover()))
        let indexed = try await repository.loadIndex()
        #expect(try await indexed.loadTree(recovered.tree).nodes.map(\.subtree) == [lost.tree])
        #expect(try await repository.recover() == nil)
    }

    @Test func `a snapshot without some of its files`() async throws {
        let repository = try await makeRepository()
        let files = TestFile.random(6, seed: 92)
        try await repository.loadIndex().backUp(files)
        let old = try await repository.snapshot(named: "latest")
        var rewrite = SnapshotRewrite()
        rewrite.excludes = { path, _ in path.last == FileName(files[2].name) }
        rewrite.forgets = true
        guard case .changed(let id) = try await repository.rewriteSnapshot(old, rewrite) else {
            Issue.record("not changed")
            return
        }
        let snapshots = try await repository.snapshots()
        #expect(snapshots.map(\.id) == [id])
        let indexed = try await repository.loadIndex()
        var names: Set<String> = []
        try await TreeWalk(indexed).run(snapshots[0].snapshot.tree) { step in
            names.insert(step.node.name.description)
            return .goOn
        }
        #expect(names.count == files.count - 1 + 2)
        #expect(!names.contains(files[2].name))
        rewrite.excludes = { _, _ in false }
        #expect(try await repository.rewriteSnapshot(snapshots[0], rewrite) == .unchanged)
        rewrite.excludes = { _, _ in true }
        #expect(try await repository.rewriteSnapshot(snapshots[0], rewrite) == .emptied)
        #expect(try await repository.snapshots().isEmpty)
    }
}
