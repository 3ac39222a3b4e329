import FileSystemBackup
import MartletTestSupport
import ResticFormat
import Testing

/// Trees of every kind, there and back.
@Suite struct RoundTripTests {
    /// Seeds a case; 500 trees in all.
    static let batches = (0..<10).map { UInt64($0 * 50)..<UInt64($0 * 50 + 50) }

    @Test(arguments: batches) func `a tree comes back as it was`(seeds: Range<UInt64>) async throws {
        let repository = try await TestRepository()
        try await withTemporaryFolder { folder in
            for seed in seeds {
                let source = "\(folder)/\(seed)"
                let target = "\(folder)/\(seed)-back"
                try TestFolder.make(source)
                var generator = TreeGenerator(seed: seed)
                try generator.fill(source)
                let before = try TreeListing(of: source)
                if before.entries.isEmpty { continue }
                let outcome = try await repository.backUp(source)
                #expect(outcome.isComplete, "seed \(seed)")
                let counts = try await repository.restore(outcome.snapshot.tree, to: target) {
                    $0.verifies = seed % 4 == 0
                    $0.isSparse = seed % 2 == 0
                }
                #expect(counts.problems == 0, "seed \(seed)")
                let differences = try TreeListing(of: target).differences(from: before, comparesHoles: seed % 2 == 0)
                #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
                try await expectNothingToDo(repository, source, outcome, target, before, seed)
            }
        }
    }

    /// A second backup finds nothing new, a second restore changes nothing.
    private func expectNothingToDo(
        _ repository: TestRepository, _ source: String, _ outcome: BackupOutcome, _ target: String,
        _ before: TreeListing, _ seed: UInt64
    ) async throws {
        let again = try await repository.backUp(source, parent: outcome)
        #expect(again.snapshot.tree == outcome.snapshot.tree, "seed \(seed)")
        #expect(again.counts.filesNew == 0 && again.counts.filesChanged == 0, "seed \(seed): \(again.counts)")
        #expect(again.counts.newDataBlobs == 0 && again.counts.newTreeBlobs == 0, "seed \(seed)")
        let overwrite = RestoreOptions.Overwrite.allCases[Int(seed % 4)]
        let counts = try await repository.restore(outcome.snapshot.tree, to: target) { $0.overwrite = overwrite }
        #expect(counts.problems == 0, "seed \(seed)")
        let differences = try TreeListing(of: target).differences(from: before)
        #expect(differences.isEmpty, "seed \(seed), \(overwrite): \(differences.joined(separator: "\n"))")
    }

    @Test func `version 1 repositories work the same`() async throws {
        let repository = try await TestRepository(version: .v1)
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            var generator = TreeGenerator(seed: 4711)
            try generator.fill(folder + "/source")
            let outcome = try await repository.backUp(folder + "/source")
            try await repository.restore(outcome.snapshot.tree, to: folder + "/back")
            let before = try TreeListing(of: folder + "/source")
            #expect(!before.entries.isEmpty)
            #expect(try TreeListing(of: folder + "/back").differences(from: before) == [])
        }
    }
}
