import Basics
import MartletTestSupport
import ResticFormat
import Testing

/// Config, keys, snapshots, locks and indices with bytes changed or missing: an error or a value, never a trap.
@Suite struct HostileFileTests {
    private func attack(_ good: [UInt8], _ seed: UInt64, _ read: ([UInt8]) throws -> Void) throws {
        try read(good)
        for length in good.indices.dropLast() {
            #expect(Sample.code { try read(Array(good[..<length])) } == .malformed, "\(length)")
        }
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<3000 {
            var changed = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = Mutation.byte(&generator)
            }
            if Sample.code({ try read(changed) }) != nil { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func indices() throws {
        var generator = SeededGenerator(seed: 19)
        try attack(IndexFileTests.random(3, &generator).encoded().dropLast(), 20) { _ = try IndexFile(decoding: $0) }
    }

    @Test func snapshots() throws {
        let json = try Sample.key().open(KnownRepository.file(.snapshot, KnownRepository.snapshotID))
        try attack(json, 21) { _ = try SnapshotFile(decoding: $0).encoded() }
    }

    @Test func locks() throws {
        let time = try #require(NodeTime("2026-03-04T05:06:07.5+01:00"))
        let lock = LockFile(
            time: time, isExclusive: true, hostname: "h", username: "ü", processID: 17, userID: 1, groupID: 2)
        try attack(lock.encoded(), 22) { _ = try LockFile(decoding: $0).encoded() }
    }

    @Test func `the config`() throws {
        try attack(Sample.key().open(KnownRepository.config()), 23) { _ = try RepositoryConfig(decoding: $0).encoded() }
    }

    @Test func keys() throws {
        try attack(KnownRepository.file(.key, KnownRepository.keyID), 24) { _ = try KeyFile(decoding: $0).encoded() }
    }
}
