import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Damage is found and named` {
    /// A repository with one snapshot of 30 files.
    private func scene() async throws -> (InMemoryObjectStore, [TestFile]) {
        let store = InMemoryObjectStore()
        let files = TestFile.random(30, seed: 51)
        var options = WriterOptions()
        options.packBytes = 100_000
        try await makeRepository(in: store).loadIndex().backUp(files, options: options)
        return (store, files)
    }

    private func check(_ store: InMemoryObjectStore, read: ReadSubset = .all) async throws -> CheckReport {
        var options = CheckOptions()
        options.read = read
        return try await reopen(store).check(options)
    }

    private func keys(_ store: InMemoryObjectStore, _ kind: FileKind) async throws -> [ObjectKey] {
        try await store.list(ListRequest(prefix: kind.folder)).objects.map(\.key)
    }

    private func alter(
        _ store: InMemoryObjectStore, _ key: ObjectKey, _ change: (inout [UInt8]) -> Void
    ) async throws {
        var bytes = Array(buffer: try await store.read(key, limit: .mebibytes(64)))
        change(&bytes)
        _ = try await store.put(ByteBuffer(bytes: bytes), at: key, options: PutOptions())
    }

    /// The largest pack, which holds data.
    private func dataPack(_ store: InMemoryObjectStore) async throws -> ObjectKey {
        let packs = try await store.list(ListRequest(prefix: "data/")).objects
        return try #require(packs.max { $0.size < $1.size }).key
    }

    @Test func `a whole repository is clean`() async throws {
        let report = try await check(scene().0)
        #expect(report.isClean)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.checkedTrees == 3)
        #expect(report.readBytes > 100_000)
    }

    @Test func `a pack that is missing`() async throws {
        let (store, _) = try await scene()
        _ = try await store.delete([try await dataPack(store)])
        let report = try await check(store, read: .none)
        #expect(report.findings.map(\.kind) == [.missingPack])
        #expect(!report.lostPaths.isEmpty)
        #expect(report.lostPaths.allSatisfy { $0.path.hasPrefix("/folder-") })
    }

    @Test func `a pack that was cut off`() async throws {
        let (store, _) = try await scene()
        try await alter(store, try await dataPack(store)) { $0.removeLast(100) }
        let report = try await check(store, read: .none)
        #expect(report.findings.map(\.kind) == [.wrongPackSize])
        #expect(report.brokenPacks.count == 1)
    }

    @Test func `a bit that flipped in a blob`() async throws {
        let (store, _) = try await scene()
        try await alter(store, try await dataPack(store)) { $0[40] ^= 1 }
        #expect(try await check(store, read: .none).isClean)
        let report = try await check(store)
        #expect(report.findings.map(\.kind) == [.damagedPack, .damagedBlob])
        #expect(report.lostPaths.count == 1)
        #expect(report.findings.allSatisfy { $0.advice.contains("repair packs") })
    }

    @Test func `a bit that flipped in a header`() async throws {
        let (store, _) = try await scene()
        try await alter(store, try await dataPack(store)) { $0[$0.count - 10] ^= 1 }
        let report = try await check(store)
        #expect(report.findings.map(\.kind) == [.damagedPack, .damagedPack])
        #expect(report.lostPaths.isEmpty)
    }

    @Test func `an index file that is missing`() async throws {
        let (store, _) = try await scene()
        _ = try await store.delete(try await keys(store, .index))
        let report = try await check(store, read: .none)
        #expect(Set(report.findings.map(\.kind)) == [.damagedTree, .orphanPack])
        #expect(report.lostPaths.map(\.path) == ["/"])
    }

    @Test func `an index file that was altered`() async throws {
        let (store, _) = try await scene()
        let key = try #require(try await keys(store, .index).first)
        try await alter(store, key) { $0[20] ^= 0x80 }
        let report = try await check(store, read: .none)
        #expect(report.findings.contains { $0.kind == .damagedIndex && $0.advice.contains("repair index") })
        let error = await #expect(throws: RepositoryError.self) { try await reopen(store).loadIndex() }
        #expect(error?.code == .damaged)
    }

    @Test func `a snapshot that was altered, and one that was cut off`() async throws {
        let (store, _) = try await scene()
        let key = try #require(try await keys(store, .snapshot).first)
        try await alter(store, key) { $0[30] ^= 1 }
        #expect(try await check(store, read: .none).findings.map(\.kind) == [.damagedSnapshot])
        try await alter(store, key) { $0 = [] }
        #expect(try await check(store, read: .none).findings.map(\.kind) == [.damagedSnapshot])
    }

    @Test func `a key that is missing, altered, or not the password's`() async throws {
        let (store, _) = try await scene()
        let wrong = await #expect(throws: RepositoryError.self) {
            try await Repository.open(store, password: Secret("wrong"), environment: .test())
        }
        #expect(wrong?.code == .wrongKey)
        let key = try #require(try await keys(store, .key).first)
        try await alter(store, key) { $0[100] ^= 1 }
        let altered = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(altered?.code == .damaged)
        _ = try await store.delete([key])
        let missing = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(missing?.code == .damaged)
    }

    @Test func `a config that is missing, empty or altered`() async throws {
        let (store, _) = try await scene()
        let config = try #require(ObjectKey("config"))
        try await alter(store, config) { $0[50] ^= 1 }
        let altered = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(altered?.code == .damaged)
        try await alter(store, config) { $0 = [] }
        let empty = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(empty?.code == .damaged)
        _ = try await store.delete([config])
        let missing = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(missing?.code == .noRepository)
        let again = await #expect(throws: RepositoryError.self) { try await makeRepository(in: store) }
        #expect(again?.code == .exists)
    }

    @Test func `a damaged copy does not matter where another is whole`() async throws {
        let store = InMemoryObjectStore()
        let repository = try await makeRepository(in: store)
        let files = TestFile.random(10, seed: 52)
        let (first, second) = (try await repository.loadIndex(), try await repository.loadIndex())
        try await first.backUp(files)
        let pack = try await dataPack(store)
        try await second.backUp(files, time: "2026-11-02T12:00:00Z")
        try await alter(store, pack) { bytes in for index in bytes.indices { bytes[index] ^= 0x55 } }
        let indexed = try await repository.loadIndex()
        for blob in files.flatMap(\.content) {
            #expect(try await indexed.loadBlob(BlobHandle(.data, ResticID(hashing: blob))) == blob)
        }
    }
}
