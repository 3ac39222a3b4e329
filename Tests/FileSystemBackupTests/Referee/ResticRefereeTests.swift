import FileSystemBackup
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// The real restic is the judge: a thousand generated trees go through both, in both directions.
///
/// All trees lie in one folder, so that one call of restic does for all.
@Suite(.enabled(if: !ResticProgram.all.isEmpty, "needs restic")) struct ResticRefereeTests {
    static let trees = 1000

    private func fill(_ folder: String, _ restic: ResticProgram) throws {
        try TestFolder.make(folder)
        var features = TreeGenerator.Features()
        features.rawLinkTargets = restic.keepsRawLinkTargets
        features.latestTime = 9_000_000_000
        features.items = 14
        features.largestFile = 16 << 10
        for seed in 0..<UInt64(ResticRefereeTests.trees) {
            try TestFolder.make("\(folder)/\(seed)")
            var generator = TreeGenerator(seed: 1_000_000 + seed, features: features)
            try generator.fill("\(folder)/\(seed)")
        }
    }

    @Test(arguments: ResticProgram.all)
    func `restic reads what Martlet wrote, and would have written the same`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            try fill(folder + "/source", restic)
            let before = try TreeListing(of: folder + "/source")
            #expect(before.entries.count > ResticRefereeTests.trees * 2)
            let path = folder + "/repository"
            let repository = try await TestRepository(in: path)
            let outcome = try await repository.backUp(folder + "/source")
            #expect(outcome.isComplete)

            try restic.succeed(["check", "--read-data"], path)
            try restic.succeed(["restore", "latest", "--target", folder + "/back"], path)
            let differences = try TreeListing(of: folder + "/back").differences(from: before)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")

            let run = try restic.succeed(["backup", ".", "--json", "--force"], path, in: folder + "/source")
            #expect(run.output.contains("\"data_blobs\":0"), "\(run)")
            #expect(try restic.tree(path) == outcome.snapshot.tree.description)
        }
    }

    @Test(arguments: ResticProgram.all)
    func `Martlet reads what restic wrote, and writes the same`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            try fill(folder + "/source", restic)
            let before = try TreeListing(of: folder + "/source")
            let path = folder + "/repository"
            try restic.succeed(["init"], path)
            try restic.succeed(["backup", "."], path, in: folder + "/source")

            let store = try FolderObjectStore(path: path)
            let repository = try await TestRepository(opening: store)
            let tree = try #require(ResticID(try restic.tree(path)))
            let counts = try await repository.restore(tree, to: folder + "/back") { $0.verifies = true }
            #expect(counts.problems == 0)
            let differences = try TreeListing(of: folder + "/back").differences(from: before)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")

            let outcome = try await repository.backUp(folder + "/source")
            #expect(outcome.snapshot.tree == tree)
            #expect(outcome.counts.newDataBlobs == 0 && outcome.counts.newTreeBlobs == 0)
            // With the snapshot as parent nothing is read.
            let again = try await repository.backUp(folder + "/source") {
                $0.parent = ParentSnapshot(id: tree, tree: tree)
            }
            #expect(again.counts.filesUnmodified == again.counts.files && again.snapshot.tree == tree)
        }
    }

    @Test(arguments: ResticProgram.all)
    func `both cut large files alike`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            var random = SeededGenerator(seed: 12)
            for size in [524_287, 524_288, 524_289, 8 << 20, (8 << 20) + 1, 20_000_000] {
                let words = (0..<(size / 8 + 1)).map { _ in random.next() }
                let bytes = words.withUnsafeBytes { Array($0.prefix(size)) }
                try TestFolder.write(bytes, to: "\(folder)/source/random-\(size)")
            }
            try TestFolder.write([UInt8](repeating: 0, count: 3_000_000), to: folder + "/source/zeros")
            try TestFolder.makeSparse(folder + "/source/sparse", size: 70 << 20, data: [0, 5 << 20, 40_000_001])
            try TestFolder.makeSparse(folder + "/source/hole", size: 9_000_000, data: [])
            let path = folder + "/repository"
            let repository = try await TestRepository(in: path)
            let outcome = try await repository.backUp(folder + "/source")
            let run = try restic.succeed(["backup", ".", "--json", "--force"], path, in: folder + "/source")
            #expect(run.output.contains("\"data_blobs\":0"), "\(run)")
            #expect(try restic.tree(path) == outcome.snapshot.tree.description)
        }
    }

    /// A file that differs in nothing but its content, which no honest file system brings about.
    @Test(arguments: ResticProgram.all)
    func `both suspect the disk of the same file`(restic: ResticProgram) async throws {
        try await withTemporaryFolder { folder in
            let repository = try await TestRepository(in: folder + "/repository")
            let time = NodeTime(seconds: 1_790_000_000)
            var ids: [ResticID] = []
            for content in ["before", "behind"] {
                let blob = Array(content.utf8)
                let tree = try await repository.indexed.withBlobWriter { writer in
                    let id = ResticID(hashing: blob)
                    try await writer.waitForRoom()
                    _ = try writer.save(.data, id: id, blob)
                    var node = Node(
                        name: FileName("file"), kind: .file, mode: GoFileMode(rawValue: 0o644), modified: time)
                    node.content = [id]
                    node.size = 6
                    var tree = Tree()
                    tree.nodes = [node]
                    return try await writer.save(tree)
                }
                let snapshot = SnapshotFile(time: time, tree: tree, paths: ["/"])
                ids.append(tree)
                _ = try await repository.indexed.repository.saveSnapshot(snapshot)
            }
            let snapshots = try await repository.indexed.repository.snapshots()
            let names = try ids.map { tree in
                try #require(snapshots.first { $0.snapshot.tree == tree }).id.description
            }
            var told: [String] = []
            _ = try await TreeComparison(try await repository.reopened().indexed).compare(ids[0], ids[1]) {
                told.append("\($1.rawValue) \($0)")
            }
            #expect(told == ["M? /file"])
            let run = try restic.succeed(["diff"] + names, folder + "/repository")
            let lines = run.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(lines.contains(restic.isOld ? "M /file" : "M? /file"), "\(run)")
        }
    }
}

extension ResticProgram {
    /// Runs restic; anything but exit code 0 is an issue of the test.
    @discardableResult
    fileprivate func succeed(
        _ arguments: [String], _ repository: String, in folder: String? = nil
    ) throws -> ProgramRun {
        let run = try run(arguments, repository: repository, password: TestRepository.password, in: folder)
        #expect(run.exitCode == 0, "\(run)")
        return run
    }

    /// The root tree of the newest snapshot.
    fileprivate func tree(_ repository: String) throws -> String {
        let text = try succeed(["snapshots", "--json"], repository).output
        let start = try #require(text.lastRange(of: "\"tree\":\""), "\(text)")
        return String(text[start.upperBound...].prefix(64))
    }

    /// Whether it keeps link targets that are no UTF-8.
    fileprivate var keepsRawLinkTargets: Bool {
        !isOld
    }
}

extension StringProtocol {
    /// Where `text` last is; without Foundation.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        var start = endIndex
        while start > startIndex {
            start = index(before: start)
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
        }
        return nil
    }
}
