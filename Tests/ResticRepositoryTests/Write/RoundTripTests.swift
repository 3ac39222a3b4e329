import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Blobs go in and come out` {
    @Test(arguments: RepositoryVersion.allCases)
    func `what one process writes another reads`(version: RepositoryVersion) async throws {
        let store = InMemoryObjectStore()
        let files = TestFile.random(200, seed: 1)
        let indexed = try await makeRepository(in: store, version: version).loadIndex()
        let id = try await indexed.backUp(files)

        let again = try await Repository.open(store, password: testPassword, environment: .test())
        #expect(try await again.snapshots().map(\.id) == [id])
        let reader = try await again.loadIndex()
        #expect(reader.index.checkInvariants())
        for file in files {
            for blob in file.content {
                let handle = BlobHandle(.data, ResticID(hashing: blob))
                #expect(try await reader.loadBlob(handle) == blob)
                #expect(reader.index.plainLength(of: handle) == blob.count)
            }
        }
        let snapshot = try await again.snapshot(named: "latest")
        let root = try await reader.loadTree(snapshot.snapshot.tree)
        #expect(root.nodes.map { String(describing: $0.name) } == ["folder-0", "folder-1"])
    }

    @Test func `the writer itself reads what it flushed`() async throws {
        let indexed = try await makeRepository().loadIndex()
        let blob = Array("some bytes of a file".utf8)
        let handle = BlobHandle(.data, ResticID(hashing: blob))
        try await indexed.withBlobWriter { writer in
            #expect(try writer.save(.data, id: handle.id, blob).isNew)
            #expect(indexed.index.contains(handle))
            #expect(indexed.index.location(of: handle) == nil)
            try await writer.flush()
            #expect(try await indexed.loadBlob(handle) == blob)
        }
    }

    @Test func `a blob is written once, whoever saves it`() async throws {
        let store = InMemoryObjectStore()
        let files = TestFile.random(40, seed: 2)
        let first = try await makeRepository(in: store).loadIndex()
        try await first.backUp(files + files.map { TestFile(name: "copy-\($0.name)", content: $0.content) })
        let packs = try await first.repository.files.list(.pack)
        let second = try await Repository.open(store, password: testPassword, environment: .test()).loadIndex()
        try await second.backUp(files + files.map { TestFile(name: "copy-\($0.name)", content: $0.content) })
        #expect(try await second.repository.files.list(.pack) == packs)
        #expect(Set(files.flatMap(\.content)).count + 3 == second.index.blobCount)
    }

    @Test func `packs are as large as they should be, and of one kind`() async throws {
        let store = InMemoryObjectStore()
        let indexed = try await makeRepository(in: store).loadIndex()
        var options = WriterOptions()
        options.packBytes = 64 << 10
        options.compression = .off
        try await indexed.backUp(TestFile.random(100, seed: 3), options: options)
        let reader = try await indexed.repository.loadIndex()
        let packs = try await reader.repository.files.list(.pack)
        let total = packs.map(\.size).reduce(0, +)
        #expect(packs.count > 10)
        #expect(packs.allSatisfy { $0.size < 64 << 10 + 3 << 20 })
        #expect(packs.count(where: { $0.size < 64 << 10 }) <= 2)
        #expect(total > 1 << 20)
    }

    @Test func `sealing is verified if wanted`() async throws {
        var options = WriterOptions()
        options.verifiesSealing = true
        let indexed = try await makeRepository().loadIndex()
        try await indexed.backUp(TestFile.random(20, seed: 4), options: options)
        #expect(try await indexed.repository.snapshots().count == 1)
    }

    @Test func `a store that fails ends the backup with its error`() async throws {
        let base = InMemoryObjectStore()
        _ = try await makeRepository(in: base)
        let store = FaultyStore(base, faults: [.init(.put, nth: 1, .fail(.limitExceeded))])
        let indexed = try await Repository.open(store, password: testPassword, environment: .test()).loadIndex()
        let error = await #expect(throws: RepositoryError.self) {
            try await indexed.backUp(TestFile.random(10, seed: 5))
        }
        #expect(error?.code == .store)
        #expect((error?.cause as? StoreError)?.code == .limitExceeded)
        #expect(store.unmet.isEmpty)
        #expect(try await indexed.repository.snapshots().isEmpty)
    }
}
