import Basics
import MartletTestSupport
import ResticFormat
import Testing

/// Every file of the known repository is read. Source: section 27.6 of the format's description.
@Suite struct KnownRepositoryReadingTests {
    @Test func `the password opens the key, another one does not`() throws {
        let file = try KeyFile(decoding: KnownRepository.file(.key, KnownRepository.keyID))
        #expect(file.parameters == ScryptParameters(cost: 16, blockSize: 1, parallelism: 1))
        #expect(file.username == "u" && file.hostname == "h" && file.created.description == "2026-01-02T03:04:05Z")
        let key = try file.open(password: Secret("martlet"))
        #expect(key.encodedJSON() == (try Sample.key()).encodedJSON())
        #expect(Sample.code { _ = try file.open(password: Secret("Martlet")) } == .unauthenticated)
    }

    @Test func `the config`() throws {
        let json = try Sample.key().open(KnownRepository.config())
        let config = try RepositoryConfig(decoding: json)
        #expect(config.version == .v2)
        #expect(config.id.description == String(repeating: "ab", count: 32))
        #expect(config.polynomial.description == "3da3358b4dc173")
        #expect(config.encoded() == json)
    }

    @Test func `the packs, from their ends`() throws {
        let key = try Sample.key()
        let data = try KnownRepository.file(.pack, KnownRepository.dataPackID)
        let blob = PackedBlob(BlobHandle(.data, try Sample.id(KnownRepository.blobID)), offset: 0, sealedLength: 47)
        #expect(try PackHeader.read(tail: data, fileSize: data.count, key: key) == .header(PackHeader([blob])))
        #expect(try PackHeader.read(tail: data.suffix(4), fileSize: data.count, key: key) == .needs(69 + 4))
        #expect(try key.open(Array(data[blob.range])) == KnownRepository.content)

        let trees = try KnownRepository.file(.pack, KnownRepository.treePackID)
        let tree = PackedBlob(
            BlobHandle(.tree, try Sample.id(KnownRepository.treeID)), offset: 0, sealedLength: 228,
            uncompressedLength: 302)
        #expect(try PackHeader.read(tail: trees, fileSize: trees.count, key: key) == .header(PackHeader([tree])))
        #expect(PackHeader.fileSize(of: [tree]) == trees.count && tree.plainLength == 302 && blob.plainLength == 15)
    }

    @Test func `the index`() throws {
        let codec = UnpackedCodec(key: try Sample.key(), version: .v2)
        let json = try codec.open(KnownRepository.file(.index, KnownRepository.indexID), with: Decompressor())
        let index = try IndexFile(decoding: json)
        #expect(Set(index.packs.map(\.id.description)) == [KnownRepository.dataPackID, KnownRepository.treePackID])
        let blobs = index.packs.flatMap(\.blobs).sorted { $0.handle < $1.handle }
        #expect(blobs.map(\.handle.id.description) == [KnownRepository.blobID, KnownRepository.treeID])
        #expect(blobs.map(\.sealedLength) == [47, 228] && blobs.map(\.uncompressedLength) == [0, 302])
    }

    @Test func `the snapshot, which is not compressed`() throws {
        let codec = UnpackedCodec(key: try Sample.key(), version: .v2)
        let json = try codec.open(KnownRepository.file(.snapshot, KnownRepository.snapshotID), with: Decompressor())
        let snapshot = try SnapshotFile(decoding: json)
        #expect(snapshot.tree.description == KnownRepository.treeID)
        #expect(snapshot.unknownMembers.isEmpty)
        #expect(String(decoding: snapshot.encoded(), as: UTF8.self) == String(decoding: json, as: UTF8.self))
    }

    @Test func `the tree`() throws {
        let text = try KnownRepository.tree()
        #expect(ResticID(hashing: text).description == KnownRepository.treeID)
        let tree = try Tree(decoding: text)
        let node = try #require(tree.nodes.first)
        #expect(tree.nodes.count == 1 && node.name == FileName("a\nb.txt") && node.kind == .file)
        #expect(node.mode == GoFileMode(rawValue: 0o644) && node.userID == 1000 && node.groupID == 1000)
        #expect(node.modified.description == "2026-01-02T03:04:05.5Z" && node.content?.count == 1)
        #expect(tree.isCanonical(text))
        #expect(try tree.encoded() == text)
    }
}
