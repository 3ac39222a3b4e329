import Basics
import MartletTestSupport
import ResticFormat
import Testing

/// A repository that a real restic 0.14 wrote for a real Velero.
@Suite struct VeleroRepositoryTests {
    private let folder = Fixtures.veleroDemoBucket + "/restic/demo/"

    private func file(_ kind: FileKind, _ id: String) throws -> [UInt8] {
        let bytes = try Fixtures.bytes(folder + kind.path(try Sample.id(id)))
        #expect(ResticID(hashing: bytes).description == id)
        return bytes
    }

    private func openedKey() throws -> MasterKey {
        let json = try file(.key, "11422771ce32d40978db960508caa19fc311aff228b572983aeea53441a30912")
        return try KeyFile(decoding: json).open(password: Secret("static-passw0rd"))
    }

    @Test func `everything in it decodes and is written again as it was`() throws {
        let key = try openedKey()
        let config = try RepositoryConfig(decoding: key.open(Fixtures.bytes(folder + "config")))
        #expect(config.version == .v2 && config.polynomial.isIrreducible)

        let codec = UnpackedCodec(key: key, version: config.version)
        let stored = try file(.snapshot, "574d2b236afe800da9969f02f77ad885de5f3d66e6b5762b2efc52d8c1ef1a61")
        let json = try codec.open(stored, with: Decompressor())
        let snapshot = try SnapshotFile(decoding: json)
        #expect(snapshot.encoded() == json)

        let indexJSON = try codec.open(
            file(.index, "65af2d58bc4e9731c1ad762cc360abd2b38066de1a4ced331a0102f17648a83d"), with: Decompressor())
        let index = try IndexFile(decoding: indexJSON)
        var trees: [ResticID: Tree] = [:]
        for pack in index.packs { try check(pack, key, &trees) }
        #expect(trees[snapshot.tree] != nil)
        let names = trees.values.flatMap(\.nodes).map(\.name.description)
        #expect(!names.isEmpty)
    }

    /// Reads the pack by its own header and by the index, which must agree, and every blob in it.
    private func check(_ pack: IndexFile.Pack, _ key: MasterKey, _ trees: inout [ResticID: Tree]) throws {
        let bytes = try file(.pack, pack.id.description)
        guard case .header(let header) = try PackHeader.read(tail: bytes, fileSize: bytes.count, key: key) else {
            Issue.record("the whole pack is not enough")
            return
        }
        #expect(Set(header.blobs) == Set(pack.blobs) && header.fileSize == bytes.count)
        for blob in header.blobs {
            let opened = try key.open(Array(bytes[blob.range]))
            let plain = blob.isCompressed ? try Decompressor().decompress(opened, length: blob.plainLength) : opened
            #expect(ResticID(hashing: plain) == blob.handle.id)
            guard blob.handle.kind == .tree else { continue }
            let tree = try Tree(decoding: plain)
            #expect(tree.isCanonical(plain))
            trees[blob.handle.id] = tree
        }
    }
}
