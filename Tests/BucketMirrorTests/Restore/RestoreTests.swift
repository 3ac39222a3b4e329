import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `A restore` {
    private let clock = MovableClock()

    private func restore(
        _ backup: any ObjectStore, to destination: any ObjectStore, _ change: (inout RestoreOptions) -> Void = { _ in }
    ) async throws -> RestoreReport {
        try await BucketRestore(
            backup: MirrorEndpoint(store: backup, name: "backup"),
            destination: MirrorEndpoint(store: destination, name: "production"), options: RestoreOptions(change),
            tools: makeTools(clock)
        ).run()
    }

    /// A backup with four instants: full, after a mass overwrite, after a mass delete, and new life.
    private func makeHistory(
        _ versioning: BucketVersioning, _ deletes: DeletePolicy
    ) async throws -> (backup: InMemoryObjectStore, states: [(Timestamp, [String: ByteBuffer])]) {
        let source = makeBucket("source", clock: clock)
        let backup = makeBucket("backup", clock: clock, versioning: versioning)
        let index = try makeIndex()
        var states: [(Timestamp, [String: ByteBuffer])] = []
        func settle() async throws {
            clock.advance(.seconds(30))
            let report = try await mirror(source, backup, index: index, tools: makeTools(clock)) {
                $0.history = .full
                $0.deletes = deletes
                $0.brake = nil
                $0.largeObject = ByteCount(200)
            }
            #expect(report.isComplete)
            clock.advance(.seconds(30))
            states.append((clock.now, try await source.contents()))
            clock.advance(.seconds(30))
        }
        try await source.fill(60)
        try await settle()
        for number in 10..<60 {
            try await source.put("overwritten \(number)", at: "objects/\(padded(number, 6))")
        }
        try await settle()
        _ = try await source.delete((0..<50).map { key("objects/\(padded($0, 6))") })
        try await settle()
        try await source.put("back again", at: "objects/000003")
        try await source.fill(5, seed: 77, prefix: "new/")
        try await settle()
        return (backup, states)
    }

    @Test(arguments: [BucketVersioning.enabled, .never], DeletePolicy.allCases)
    func `brings back any instant before, in and after a mass delete`(
        versioning: BucketVersioning, deletes: DeletePolicy
    ) async throws {
        let (full, states) = try await makeHistory(versioning, deletes)
        // A bucket that cannot keep versions is one whose versions nobody can list.
        let backup: any ObjectStore = full
        for (instant, contents) in states {
            let production = makeBucket("production", clock: clock)
            let report = try await restore(backup, to: production) { $0.at = instant }
            #expect(report.isComplete && report.objects == contents.count)
            #expect(try await production.contents() == contents)
            let again = try await restore(backup, to: production) { $0.at = instant }
            #expect(again.mirror.counts.copied == 0)
        }
        let latest = makeBucket("latest", clock: clock)
        #expect(try await restore(backup, to: latest).isComplete)
        #expect(try await latest.contents() == states.last?.1)
    }

    @Test func `works on a target without versions, where the past was moved away`() async throws {
        let source = makeBucket("source", clock: clock)
        let bucket = makeBucket("backup", clock: clock)
        let backup = NoVersions(base: bucket)
        var states: [(Timestamp, [String: ByteBuffer])] = []
        let index = try makeIndex()
        for round in 0..<4 {
            for number in 0..<12 where (number + round) % 3 != 0 {
                try await source.put("round \(round) of \(number)", at: "k\(number)")
            }
            _ = try await source.delete([key("k\(round)"), key("k\(round + 5)")])
            clock.advance(.seconds(30))
            _ = try await mirror(source, backup, index: index, tools: makeTools(clock)) {
                $0.history = .full
                $0.deletes = .propagate
                $0.brake = nil
            }
            states.append((clock.now, try await source.contents()))
            clock.advance(.seconds(30))
        }
        #expect(try await backup.contents() == source.contents())
        for (instant, contents) in states {
            let production = makeBucket("production", clock: clock)
            #expect(try await restore(backup, to: production) { $0.at = instant }.isComplete)
            #expect(try await production.contents() == contents)
        }
    }

    @Test func `copies only what differs, and keeps what is newer unless told`() async throws {
        let (backup, states) = try await makeHistory(.enabled, .propagate)
        let production = makeBucket("production", clock: clock)
        let (instant, contents) = states[1]
        _ = try await restore(backup, to: production) { $0.at = instant }
        try await production.put("rewritten since", at: "objects/000020")
        _ = try await production.delete([key("objects/000021")])
        try await production.put("not known", at: "zz")
        let careful = try await restore(backup, to: production) { $0.at = instant }
        #expect(careful.newerKept == 1 && careful.mirror.counts.copied == 1 && !careful.isComplete)
        #expect(try await production.text("objects/000020") == "rewritten since")
        let told = try await restore(backup, to: production) {
            $0.at = instant
            $0.overwritesNewer = true
            $0.removesExtra = true
        }
        #expect(told.isComplete && told.mirror.counts.copied == 1 && told.mirror.counts.removed == 1)
        #expect(try await production.contents() == contents)
    }

    @Test func `of a part, and only to look`() async throws {
        let (backup, states) = try await makeHistory(.enabled, .keep)
        let production = makeBucket("production", clock: clock)
        let dry = try await restore(backup, to: production) {
            $0.at = states[3].0
            $0.isDryRun = true
        }
        #expect(dry.objects == states[3].1.count && dry.mirror.counts.copied == 0)
        _ = try await restore(backup, to: production) { $0.prefix = "new/" }
        #expect(try await production.contents().count == 5)
    }

    @Test func `says what is lost`() async throws {
        let (backup, states) = try await makeHistory(.enabled, .propagate)
        let versions = try await backup.features.listVersions(VersionListRequest(prefix: "objects/000000")).versions
        let names = versions.compactMap { version in
            version.info.versionID.map { VersionName(key: version.info.key, versionID: $0) }
        }
        #expect(try await backup.features.deleteVersions(names).isEmpty)
        let production = makeBucket("production", clock: clock)
        let report = try await restore(backup, to: production) { $0.at = states[0].0 }
        #expect(report.lost == 1 && !report.isComplete)
        #expect(report.mirror.failures.map(\.key) == [key("objects/000000")])
        #expect(try await production.contents().count == states[0].1.count - 1)
    }

    @Test func `as a mirror in the other direction takes no history along`() async throws {
        let (backup, states) = try await makeHistory(.never, .propagate)
        let production = makeBucket("production", clock: clock)
        #expect(try await mirror(backup, production).isComplete)
        #expect(try await production.contents() == states.last?.1)
        var keys: [String] = []
        for try await object in production.objects() { keys.append(object.key.text) }
        #expect(!keys.contains { $0.hasPrefix(MirrorLayout.reserved) })
    }

    @Test func `of an instant needs a history`() async throws {
        let error = await #expect(throws: MirrorError.self) {
            try await restore(makeBucket(), to: makeBucket()) { $0.at = clock.now }
        }
        #expect(error?.code == .notFound)
    }
}

@Suite struct `A verification` {
    private func verify(
        _ source: any ObjectStore, _ target: any ObjectStore, _ depth: VerificationOptions.Depth
    ) async throws -> VerificationReport {
        try await MirrorVerification(
            source: MirrorEndpoint(store: source, name: "s"), target: MirrorEndpoint(store: target, name: "t"),
            options: VerificationOptions { $0.depth = depth }, tools: makeTools()
        ).run()
    }

    @Test(arguments: [VerificationOptions.Depth.listings, .sample(20), .content])
    func `of equal sides finds nothing`(depth: VerificationOptions.Depth) async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t", versioning: .enabled))
        try await source.fill(50)
        _ = try await mirror(source, target)
        let report = try await verify(source, target, depth)
        #expect(report.isEqual && report.equal == 50 && report.keys == 50)
        #expect(report.contentsRead == (depth == .listings ? 0 : depth == .content ? 50 : 20))
    }

    @Test func `finds every kind of difference`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(50)
        _ = try await mirror(source, target)
        try await target.put("changed", at: "objects/000001")
        _ = try await target.delete([key("objects/000002")])
        try await target.put("extra", at: "zzz")
        let report = try await verify(source, target, .content)
        #expect(report.different == 1 && report.missing == 1 && report.extra == 1 && report.equal == 48)
        #expect(report.differences.count == 3 && !report.isEqual)
    }

    @Test func `that reads finds damage that listings cannot show`() async throws {
        let (source, target) = (makeBucket("s"), makeBucket("t"))
        try await source.fill(5)
        _ = try await mirror(source, target)
        let rotten = FaultyStore(target, faults: [.init(.get, nth: 3, .flipBit(at: 0))])
        #expect(try await verify(source, rotten, .listings).isEqual)
        #expect(try await verify(source, rotten, .content).different == 1)
    }
}
