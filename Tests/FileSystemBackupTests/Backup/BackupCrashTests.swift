import FileSystemBackup
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// A backup that is killed at any of its writes leaves a repository that opens, and a second run finishes.
@Suite struct BackupCrashTests {
    @Test func `a backup may be killed at every write`() async throws {
        try await withTemporaryFolder { folder in
            let source = folder + "/source"
            try TestFolder.make(source)
            var random = SeededGenerator(seed: 4)
            for index in 0..<3 {
                let bytes = (0..<600_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
                try TestFolder.write(bytes, to: "\(source)/file-\(index)")
            }
            let before = try TreeListing(of: source)
            let start = try await TestRepository()
            let counting = DyingStore(try await start.copied())
            try await backUp(source, into: counting)
            #expect(counting.writes >= 6)
            for writes in 0..<counting.writes {
                let store = try await start.copied()
                let dying = DyingStore(store, writes: writes)
                await #expect(throws: (any Error).self, "\(writes) writes") { try await backUp(source, into: dying) }
                // The snapshot comes last: as long as something is missing there is none.
                let survivor = try await TestRepository(opening: store)
                #expect(try await survivor.indexed.repository.listSnapshots().snapshots.isEmpty)
                let outcome = try await backUp(source, into: store)
                let target = "\(folder)/back-\(writes)"
                let counts = try await TestRepository(opening: store).restore(outcome.snapshot.tree, to: target)
                #expect(counts.problems == 0)
                #expect(try TreeListing(of: target).differences(from: before) == [])
            }
        }
    }

    /// Small packs, and an index file after each.
    @discardableResult
    private func backUp(_ source: String, into store: any ObjectStore) async throws -> BackupOutcome {
        try await TestRepository(opening: store).backUp(source) { options in
            options.writer.packBytes = 4 << 20
            options.writer.indexInterval = .zero
        }
    }
}
