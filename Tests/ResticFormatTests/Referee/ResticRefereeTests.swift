import Glibc
import MartletTestSupport
import ResticFormat
import Testing

/// The real restic is the judge of what is written here, and its own trees are the measure.
@Suite struct ResticRefereeTests {
    @Test(arguments: ResticProgram.all, RepositoryVersion.allCases)
    func `restic finds nothing wrong with a repository of these encoders`(
        _ restic: ResticProgram, _ version: RepositoryVersion
    ) async throws {
        try await withTemporaryFolder { folder in
            var generator = SeededGenerator(seed: 30)
            let repository = try FolderRepository(
                making: folder + "/repository", password: "martlet", version: version, &generator)
            let contents = try fill(repository, &generator)
            let check = try restic.run(["check", "--read-data"], repository: repository.path, password: "martlet")
            #expect(check.exitCode == 0 && check.output.contains("no errors were found"), "\(check)")
            let dump = try restic.run(
                ["dump", "latest", "/middle"], repository: repository.path, password: "martlet")
            #expect(dump.exitCode == 0 && Array(dump.output.utf8) == contents, "\(dump)")
            let list = try restic.run(["ls", "latest"], repository: repository.path, password: "martlet")
            #expect(list.exitCode == 0 && list.output.contains("/middle\n"), "\(list)")
        }
    }

    /// A snapshot of one folder with a file of two blobs between odd names. Returns the file's content.
    private func fill(_ repository: FolderRepository, _ generator: inout SeededGenerator) throws -> [UInt8] {
        let compressor = try Compressor()
        let isCompressed = repository.version == .v2
        var packs: [FinishedPack] = []
        func pack(_ blobs: [(BlobKind, [UInt8])]) throws -> [ResticID] {
            var builder = PackBuilder()
            for (kind, plain) in blobs {
                let iv = InitializationVector(using: &generator)
                let sealed = repository.key.seal(isCompressed ? try compressor.compress(plain) : plain, iv: iv)
                try builder.append(
                    BlobHandle(kind, ResticID(hashing: plain)), sealed: sealed,
                    uncompressedLength: isCompressed ? plain.count : 0)
            }
            packs.append(try builder.finish(key: repository.key, iv: InitializationVector(using: &generator)))
            return packs[packs.count - 1].blobs.map(\.handle.id)
        }
        let pieces = [Sample.text(70_000, &generator), Sample.text(3, &generator)]
        let tree = try self.tree(pack(pieces.map { (.data, $0) }), &generator)
        let root = try pack([(.tree, tree.encoded())])[0]
        for pack in packs { try repository.save(.pack, pack.bytes) }
        let index = IndexFile(packs: packs.map { IndexFile.Pack(id: $0.id, blobs: $0.blobs) })
        let codec = repository.codec
        let iv = InitializationVector(using: &generator)
        try repository.save(.index, codec.seal(index.encoded(), iv: iv, with: compressor))
        let time = try #require(NodeTime("2026-01-02T03:04:05.678+01:00"))
        let snapshot = SnapshotFile(time: time, tree: root, paths: ["/a"])
        let other = InitializationVector(using: &generator)
        try repository.save(.snapshot, codec.seal(snapshot.encoded(), iv: other, with: compressor))
        return pieces.flatMap { $0 }
    }

    private func tree(_ content: [ResticID], _ generator: inout SeededGenerator) throws -> Tree {
        var names: Set<FileName> = [FileName("middle")]
        while names.count < 40 { names.insert(FileName(OddName.random(&generator))) }
        return Tree(
            nodes: names.sorted().map { name in
                let mode = GoFileMode(statMode: 0o100600)
                var node = Node(name: name, kind: .file, mode: mode, modified: NodeTime(seconds: 5, nanoseconds: 6))
                node.content = name == FileName("middle") ? content : []
                node.size = name == FileName("middle") ? 70_003 : 0
                return node
            })
    }

    @Test(arguments: ResticProgram.all)
    func `the trees of restic are canonical here`(_ restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            var features = TreeGenerator.Features()
            // restic 0.14 loses what of a link's target is not UTF-8.
            features.rawLinkTargets = false
            for seed in 0..<12 {
                let path = "\(folder)/source-\(seed)"
                #expect(mkdir(path, 0o700) == 0)
                var trees = TreeGenerator(seed: UInt64(seed), features: features)
                try trees.fill(path)
            }
            let path = folder + "/repository"
            let made = try restic.run(["init"], repository: path, password: "x")
            #expect(made.exitCode == 0, "\(made)")
            let backup = try restic.run(
                ["backup"] + (0..<12).map { "\(folder)/source-\($0)" }, repository: path, password: "x")
            #expect(backup.exitCode == 0, "\(backup)")
            let texts = try FolderRepository(opening: path, password: "x").trees()
            #expect(texts.count > 12)
            for (id, text) in texts {
                #expect(ResticID(hashing: text) == id)
                let tree = try Tree(decoding: text)
                #expect(tree.isCanonical(text), "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }
}
