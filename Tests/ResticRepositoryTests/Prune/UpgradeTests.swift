import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `From version 1 to version 2` {
    @Test func `the data stays, and prune compresses it`() async throws {
        let store = InMemoryObjectStore()
        let files = TestFile.random(30, seed: 95)
        let old = try await makeRepository(in: store, version: .v1)
        try await old.loadIndex().backUp(files)
        #expect(try await old.upgradeToVersion2())
        let upgraded = try await reopen(store)
        #expect(upgraded.config.version == .v2)
        #expect(upgraded.config.id == old.config.id)
        #expect(try await !upgraded.upgradeToVersion2())
        try await PruneScene.expectWhole(store, files, allowing: [])

        var options = PruneOptions()
        options.repacksUncompressed = true
        let outcome = try await upgraded.prune(options)
        #expect(outcome.plan.counts.bytes.uncompressed > 0)
        try await PruneScene.expectWhole(store, files, allowing: [])
        let indexed = try await upgraded.loadIndex()
        let trees = indexed.index.handles(.tree).compactMap { indexed.index.location(of: $0) }
        #expect(trees.count == 3)
        #expect(trees.allSatisfy { $0.uncompressedLength != nil })
        for restic in ResticProgram.all {
            try await withFolder(of: store) { folder in
                let check = try restic.run(
                    ["check", "--read-data"], repository: folder, password: testPassword.reveal())
                #expect(check.exitCode == 0, "\(check)")
            }
        }
    }
}
