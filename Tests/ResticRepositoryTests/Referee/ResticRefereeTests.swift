import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `The real restic judges` {
    @Test(arguments: ResticProgram.all, RepositoryVersion.allCases)
    func `what is written here it finds clean`(restic: ResticProgram, version: RepositoryVersion) async throws {
        try await withTemporaryFolder { folder in
            let store = try FolderObjectStore(path: folder)
            let indexed = try await makeRepository(in: store, version: version).loadIndex()
            var options = WriterOptions()
            options.packBytes = 100_000
            try await indexed.backUp(TestFile.random(300, seed: 11), options: options)
            try await indexed.backUp(TestFile.random(10, seed: 12), time: "2026-11-02T12:00:00Z")
            let check = try restic.run(["check", "--read-data"], repository: folder, password: testPassword.reveal())
            #expect(check.exitCode == 0, "\(check)")
            #expect(check.output.contains("no errors were found"), "\(check)")
            let list = try restic.run(["ls", "latest"], repository: folder, password: testPassword.reveal())
            #expect(list.output.contains("/folder-1/file-12-00001"), "\(list)")
        }
    }
}

/// How restic makes a repository.
private struct Making: Sendable, CustomTestStringConvertible {
    let version: String
    let compression: String

    static let all = [
        Making(version: "1", compression: "auto"), Making(version: "2", compression: "off"),
        Making(version: "2", compression: "max"),
    ]
    var testDescription: String { "version \(version), compression \(compression)" }
}

@Suite struct `Repositories that the real restic makes` {
    /// Backs a generated folder up with restic, and hands over the repository's folder and the files.
    private func withBackup(
        _ restic: ResticProgram, _ making: Making,
        _ body: (String, [TestFile]) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let files = TestFile.random(25, seed: 101, most: 60_000)
            let source = try FolderObjectStore(path: folder + "/source", creates: true)
            for file in files {
                let key = try #require(ObjectKey("some/" + file.name))
                _ = try await source.put(.init(bytes: file.content.joined()), at: key, options: PutOptions())
            }
            let repository = folder + "/repository"
            let password = testPassword.reveal()
            let initialized = try restic.run(
                ["init", "--repository-version", making.version], repository: repository, password: password)
            #expect(initialized.exitCode == 0, "\(initialized)")
            let backup = try restic.run(
                ["backup", ".", "--compression", making.compression], repository: repository, password: password,
                in: folder + "/source")
            #expect(backup.exitCode == 0, "\(backup)")
            try await body(repository, files)
        }
    }

    @Test(arguments: ResticProgram.all, Making.all)
    fileprivate func `are read, checked, pruned and written on`(restic: ResticProgram, making: Making) async throws {
        try await withBackup(restic, making) { folder, files in
            let store = try FolderObjectStore(path: folder)
            let repository = try await reopen(store)
            try await expectContent(files, in: repository)
            var options = CheckOptions()
            options.read = .all
            #expect(try await repository.check(options).findings.isEmpty)

            try await repository.loadIndex().backUp(TestFile.random(10, seed: 102), time: "2020-01-01T00:00:00Z")
            let ours = try #require(try await repository.snapshots().first)
            #expect(try await repository.removeSnapshots([ours.id]).isEmpty)
            var pruning = PruneOptions()
            pruning.maxUnused = .bytes(0)
            let outcome = try await repository.prune(pruning)
            #expect(outcome.plan.counts.packFiles.remove >= 2)
            try await expectContent(files, in: repository)
            let check = try restic.run(["check", "--read-data"], repository: folder, password: testPassword.reveal())
            #expect(check.exitCode == 0, "\(check)")
        }
    }

    @Test(arguments: ResticProgram.all)
    func `are used by both at the same time`(restic: ResticProgram) async throws {
        try await withBackup(restic, Making.all[2]) { folder, files in
            let repository = try await reopen(try FolderObjectStore(path: folder))
            let password = testPassword.reveal()
            async let theirs = restic.run(
                ["backup", folder + "/config", "--host", "other"], repository: folder, password: password)
            for seed in 200..<205 as Range<UInt64> {
                try await repository.withLock(.shared) {
                    try await repository.loadIndex().backUp(TestFile.random(20, seed: seed))
                }
            }
            let run = try await theirs
            #expect(run.exitCode == 0, "\(run)")
            #expect(try await repository.snapshots().count == 7)
            let check = try restic.run(["check", "--read-data"], repository: folder, password: password)
            #expect(check.exitCode == 0, "\(check)")
            #expect(try await repository.check().isClean)
            try await expectContent(files, in: repository)
        }
    }

    /// That the snapshot of restic holds these files, byte for byte.
    private func expectContent(_ files: [TestFile], in repository: Repository) async throws {
        let indexed = try await repository.loadIndex()
        let snapshots = try await repository.snapshots().filter { $0.snapshot.paths != ["/data"] }
        let snapshot = try #require(snapshots.first)
        for file in files {
            let node = try #require(try await indexed.node(at: "some/" + file.name, in: snapshot.snapshot.tree))
            var content: [UInt8] = []
            for id in node.content ?? [] { content += try await indexed.loadBlob(BlobHandle(.data, id)) }
            #expect(content == Array(file.content.joined()))
        }
    }
}
