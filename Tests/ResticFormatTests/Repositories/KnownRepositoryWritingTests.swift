import Basics
import MartletTestSupport
import ResticFormat
import Testing

/// The files of the known repository come out of the encoders byte for byte, given the same random numbers.
@Suite struct KnownRepositoryWritingTests {
    @Test func `config, snapshot and key`() throws {
        let key = try Sample.key()
        let polynomial = try #require(Polynomial("3da3358b4dc173"))
        let config = RepositoryConfig(
            version: .v2, id: try Sample.id(String(repeating: "ab", count: 32)), polynomial: polynomial)
        #expect(key.seal(config.encoded(), iv: try Sample.iv(2)) == (try KnownRepository.config()))

        let stored = try KnownRepository.file(.snapshot, KnownRepository.snapshotID)
        let snapshot = try SnapshotFile(decoding: key.open(stored))
        #expect(key.seal(snapshot.encoded(), iv: try Sample.iv(8)) == stored)

        let text = try KnownRepository.file(.key, KnownRepository.keyID)
        let file = try KeyFile(decoding: text)
        #expect(file.encoded() == text)
        #expect(ResticID(hashing: file.encoded()).description == KnownRepository.keyID)
    }

    @Test func `a pack`() throws {
        let key = try Sample.key()
        var builder = PackBuilder()
        let handle = BlobHandle(.data, ResticID(hashing: KnownRepository.content))
        try builder.append(handle, sealed: key.seal(KnownRepository.content, iv: try Sample.iv(3)))
        let pack = try builder.finish(key: key, iv: try Sample.iv(4))
        #expect(pack.id.description == KnownRepository.dataPackID)
        #expect(pack.bytes == (try KnownRepository.file(.pack, KnownRepository.dataPackID)))
    }

    @Test func `a pack with a compressed tree`() throws {
        let key = try Sample.key()
        let stored = try KnownRepository.file(.pack, KnownRepository.treePackID)
        let compressed = try key.open(Array(stored[..<228]))
        var builder = PackBuilder()
        let handle = BlobHandle(.tree, try Sample.id(KnownRepository.treeID))
        try builder.append(handle, sealed: key.seal(compressed, iv: try Sample.iv(5)), uncompressedLength: 302)
        let pack = try builder.finish(key: key, iv: try Sample.iv(6))
        #expect(pack.bytes == stored && pack.id.description == KnownRepository.treePackID)
    }
}
