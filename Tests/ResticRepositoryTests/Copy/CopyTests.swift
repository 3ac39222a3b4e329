import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Copying between repositories` {
    @Test(arguments: RepositoryVersion.allCases, RepositoryVersion.allCases)
    func `brings everything, once`(from: RepositoryVersion, to: RepositoryVersion) async throws {
        let files = TestFile.random(40, seed: 71)
        let source = try await makeRepository(version: from).loadIndex()
        try await source.backUp(Array(files[..<20]))
        let target = InMemoryObjectStore()
        _ = try await makeRepository(in: target, version: to)
        try await source.backUp(files, tags: ["later"], time: "2026-11-02T12:00:00Z")
        let reader = try await source.repository.loadIndex()
        let snapshots = try await reader.repository.snapshots()
        let first = try await reader.copy(snapshots, to: try await reopen(target).loadIndex())
        #expect(first.allSatisfy { $0.copy != nil })
        let copies = try await reopen(target).snapshots()
        #expect(copies.map(\.snapshot.tree) == snapshots.map(\.snapshot.tree))
        #expect(copies.map(\.snapshot.original) == snapshots.map(\.id))
        #expect(copies[1].snapshot.tags == ["later"])
        try await PruneScene.expectWhole(target, files, allowing: [])

        let again = try await reader.copy(snapshots, to: try await reopen(target).loadIndex())
        #expect(again.allSatisfy { $0.copy == nil })
        #expect(try await reopen(target).snapshots() == copies)
    }

    @Test func `what is damaged is not copied`() async throws {
        let store = InMemoryObjectStore()
        let source = try await makeRepository(in: store).loadIndex()
        try await source.backUp(TestFile.random(5, seed: 72))
        let reader = try await source.repository.loadIndex()
        for pack in try await reader.repository.files.list(.pack) where pack.size > 4000 {
            _ = try await reader.repository.files.remove(.pack, [pack.id])
        }
        let target = try await makeRepository()
        let snapshots = try await reader.repository.snapshots()
        let error = await #expect(throws: RepositoryError.self) {
            try await reader.copy(snapshots, to: try await target.loadIndex())
        }
        #expect([.damaged, .notFound].contains(error?.code))
        #expect(try await target.snapshots().isEmpty)
    }
}
