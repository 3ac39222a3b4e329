import Basics
import BucketMirror
import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// Weeks of a mirror's life in seconds: writes, rewrites, deletes, bad streams, outages and kills, from a seed. At the end
/// both sides are equal, the chain of the history holds, and every noted instant comes back as it was.
///
/// `MARTLET_LONG_SOAK=1` makes it long: 50,000 keys and 200 rounds, each with an outage, a kill or bad weather.
@Suite(.serialized) struct `Soak` {
    private static let isLong = getenv("MARTLET_LONG_SOAK") != nil

    private struct Plan {
        var keys: Int
        var rounds: Int
        var writesInRound: Int
        /// How many of the noted instants are restored at the end, at most, chosen at random: each reads the whole log.
        var restores: Int
    }

    private static var plan: Plan {
        isLong
            ? Plan(keys: 50_000, rounds: 200, writesInRound: 3000, restores: 8)
            : Plan(keys: 1500, rounds: 14, writesInRound: 220, restores: 5)
    }

    @Test(arguments: [BucketVersioning.enabled, .never], isLong ? [1] : [1, 2] as [UInt64])
    func `ends with equal sides and a true history`(versioning: BucketVersioning, seed: UInt64) async throws {
        try await withTemporaryFolder { path in
            let harness = MirrorHarness(
                versioning: versioning, faults: EventFaults(dropped: 10, repeated: 10, swapped: 10, foreign: 2),
                seed: seed, indexPath: path + "/index"
            ) { _ in
            } options: {
                $0.deletes = .propagate
                $0.brake = nil
                $0.history = versioning == .enabled ? .automatic : .full
                $0.largeObject = ByteCount(2000)
                $0.partSize = ByteCount(900)
            }
            try await harness.clock.run { try await live(harness, seed: seed) }
        }
    }

    private func live(_ mirror: MirrorHarness, seed: UInt64) async throws {
        var random = SeededGenerator(seed: (seed &+ MirrorHarness.furtherSeed) &* 77)
        var states: [(Timestamp, [String: ByteBuffer])] = []
        var settled = 0
        mirror.start()
        for round in 0..<Soak.plan.rounds {
            try await change(mirror, &random, round)
            switch random.next() % 5 {
            case 0: await killAndStart(mirror)
            case 1: try await outage(of: mirror.source, mirror, &random)
            case 2: try await outage(of: mirror.target, mirror, &random)
            case 3: mirror.events.cut()
            default:
                mirror.source.set(.flaky(oneOf: 6))
                mirror.target.set(.flaky(oneOf: 6))
                try await mirror.clock.sleep(for: .seconds(20))
            }
            mirror.source.set(.fine)
            mirror.target.set(.fine)
            guard round % 3 == 2 || round == Soak.plan.rounds - 1 else { continue }
            #expect(try await mirror.settles(upTo: .seconds(20_000)), "round \(round): \(mirror.metrics)")
            try await mirror.expectEqual()
            settled += 1
            // Every settled instant has the same chance to be among them.
            let place = states.count < Soak.plan.restores ? states.count : Int(random.next() % UInt64(settled))
            let state = (mirror.clock.wallClock.now(), try await mirror.sourceBucket.contents())
            if place == states.count { states.append(state) } else if place < states.count { states[place] = state }
            // What comes next is later than this instant.
            try await mirror.clock.sleep(for: .seconds(1))
        }
        await mirror.stop()
        #expect(try await MirrorHistory(store: mirror.targetBucket).check().segments > 0)
        for (instant, contents) in states { try await expect(contents, at: instant, mirror) }
    }

    private func change(_ mirror: MirrorHarness, _ random: inout SeededGenerator, _ round: Int) async throws {
        for number in 0..<Soak.plan.writesInRound {
            let name = "data/\(random.next() % UInt64(Soak.plan.keys))"
            switch random.next() % 10 {
            case 0...1: _ = try await mirror.events.delete([key(name)])
            default:
                let size = Int(random.next() % 12 == 0 ? random.next() % 6000 : random.next() % 300)
                let content = patternBytes(size, seed: random.next())
                _ = try await mirror.events.put(content, at: key(name), options: PutOptions())
            }
            if number % 50 == 0 { try await mirror.clock.sleep(for: .milliseconds(Int(random.next() % 4000))) }
        }
    }

    private func killAndStart(_ mirror: MirrorHarness) async {
        await mirror.kill()
        mirror.start()
    }

    private func outage(
        of store: OutageStore, _ mirror: MirrorHarness, _ random: inout SeededGenerator
    ) async throws {
        let codes: [StoreError.Code] = [.unavailable, .throttled, .forbidden, .unauthorized, .notFound, .limitExceeded]
        store.set(.fails(codes[Int(random.next() % UInt64(codes.count))]))
        try await mirror.clock.sleep(for: .seconds(Int(random.next() % 90)))
        if random.next() % 3 == 0 { await killAndStart(mirror) }
    }

    private func expect(
        _ contents: [String: ByteBuffer], at instant: Timestamp, _ mirror: MirrorHarness
    ) async throws {
        let destination = makeBucket("restored")
        let restore = BucketRestore(
            backup: MirrorEndpoint(store: mirror.targetBucket, name: "backup"),
            destination: MirrorEndpoint(store: destination, name: "restored"),
            options: RestoreOptions { $0.at = instant }, tools: makeTools())
        let report = try await restore.run()
        #expect(report.isComplete, "\(report.lost) lost at \(instant)")
        let restored = try await destination.contents()
        let differing = Set(restored.keys).union(contents.keys).filter { restored[$0] != contents[$0] }
        #expect(differing.isEmpty, "\(differing.count) keys differ at \(instant)")
    }
}
