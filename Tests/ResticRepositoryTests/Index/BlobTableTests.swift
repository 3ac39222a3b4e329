import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `The index` {
    /// Writes index files that say what `packs` say, in a repository that has nothing else.
    private func load(_ files: [[IndexFile.Pack]]) async throws -> RepositoryIndex {
        let repository = try await makeRepository()
        for packs in files { try await repository.saveIndex(IndexFile(packs: packs)) }
        return try await repository.loadIndex().index
    }

    private func pack(_ number: UInt64, _ blobs: [(BlobKind, ResticID)], compressed: Bool = true) -> IndexFile.Pack {
        var offset: UInt32 = 0
        let packed = blobs.map { kind, id in
            let length = 100 + UInt32(truncatingIfNeeded: id.word1 % 1000)
            defer { offset += length }
            return PackedBlob(
                BlobHandle(kind, id), offset: offset, sealedLength: length, uncompressedLength: compressed ? 5000 : 0)
        }
        return IndexFile.Pack(id: ResticID(number, 1, 2, 3), blobs: packed)
    }

    @Test(arguments: [0, 1, 5, 100, 5000])
    func `finds every blob, and no other`(count: Int) async throws {
        var random = SeededGenerator(seed: UInt64(count))
        let ids = (0..<count).map { _ in ResticID(using: &random) }
        let packs = stride(from: 0, to: count, by: 50).map { start in
            pack(UInt64(start), ids[start..<min(start + 50, count)].map { ($0.word0 % 5 == 0 ? .tree : .data, $0) })
        }
        let index = try await load([Array(packs.prefix(3)), Array(packs.dropFirst(3))].filter { !$0.isEmpty })
        #expect(index.checkInvariants())
        #expect(index.blobCount == count)
        for pack in packs {
            for blob in pack.blobs {
                let location = index.location(of: blob.handle)
                #expect(location?.pack == pack.id && location?.offset == Int(blob.offset))
                #expect(index.plainLength(of: blob.handle) == 5000)
                let other = BlobHandle(blob.handle.kind == .data ? .tree : .data, blob.handle.id)
                #expect(!index.contains(other))
            }
        }
        for _ in 0..<1000 { #expect(!index.contains(BlobHandle(.data, ResticID(using: &random)))) }
    }

    @Test func `keeps all copies, and drops what is said twice`() async throws {
        var random = SeededGenerator(seed: 7)
        let ids = (0..<20).map { _ in (BlobKind.data, ResticID(using: &random)) }
        let (first, second) = (pack(1, ids), pack(2, ids, compressed: false))
        let index = try await load([[first], [second], [first]])
        #expect(index.checkInvariants())
        #expect(index.blobCount == 40)
        for (kind, id) in ids {
            let locations = index.locations(of: BlobHandle(kind, id))
            #expect(Set(locations.map(\.pack)) == [first.id, second.id])
        }
    }

    @Test func `stands ids that all begin alike`() async throws {
        var random = SeededGenerator(seed: 8)
        let ids = (0..<3000).map { _ in (BlobKind.data, ResticID(5, random.next() % 50, random.next(), 0)) }
        let index = try await load([[pack(1, ids)]])
        #expect(index.checkInvariants())
        for (kind, id) in ids { #expect(index.contains(BlobHandle(kind, id))) }
    }

    @Test func `does not take compressed blobs in a repository of version 1`() async throws {
        let repository = try await makeRepository(version: .v1)
        try await repository.saveIndex(IndexFile(packs: [pack(1, [(.data, ResticID(hashing: [1]))])]))
        let error = await #expect(throws: RepositoryError.self) { try await repository.loadIndex() }
        #expect(error?.code == .damaged)
    }
}
