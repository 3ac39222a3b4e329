import Basics
import MartletTestSupport
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
