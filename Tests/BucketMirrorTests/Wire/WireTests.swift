import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Testing

/// The mirror over real HTTP, between two buckets of a server that fails on purpose.
@Suite(.serialized) struct `Checklist: on the wire` {
    private struct Wire {
        let server: S3TestServer
        let source: any ObjectStore
        let target: any ObjectStore
        let events: MinIOEvents

        func expectEqual(_ location: SourceLocation = #_sourceLocation) {
            let (left, right) = (server.objects(in: "source"), server.objects(in: "target"))
            let mine = right.filter { !$0.key.text.hasPrefix(MirrorLayout.reserved) }
            let differing = Set(left.keys).union(mine.keys).filter { left[$0]?.bytes != mine[$0]?.bytes }
            #expect(differing.isEmpty, "\(differing.sorted().prefix(5)) differ", sourceLocation: location)
        }
    }

    private func withWire(_ body: (Wire) async throws -> Void) async throws {
        try await withS3TestServer { server in
            server.makeBucket("source")
            server.makeBucket("target", isVersioned: true)
            let settings = ConnectionSettings(
                connectionsPerHost: 32, connectTimeout: .seconds(60), headTimeout: .seconds(60),
                idleTimeout: .seconds(60))
            try await withNetworkTransport(settings) { transport in
                func configuration(_ bucket: String) -> S3Configuration {
                    S3Configuration(
                        bucket: bucket, endpoint: server.endpoint,
                        credentials: S3Credentials(
                            accessKey: S3TestServer.accessKey, secretKey: Secret(S3TestServer.secretKey)))
                }
                func store(_ bucket: String, _ seed: UInt64) throws -> any ObjectStore {
                    RetryingStore(
                        try S3ObjectStore(configuration(bucket), transport: transport, clock: .ofTheMachine),
                        policy: StoreRetryPolicy(tries: 12), clock: SkippingClock(), random: SeededGenerator(seed: seed)
                    )
                }
                let events = try MinIOEvents(configuration("source"), transport: transport, clock: .ofTheMachine)
                try await body(
                    Wire(server: server, source: try store("source", 1), target: try store("target", 2), events: events)
                )
            }
        }
    }

    private func fill(_ server: S3TestServer, _ count: Int, seed: UInt64 = 0) {
        for number in 0..<count {
            let size = number % 9 == 0 ? 2500 : number % 400
            _ = server.put(
                patternBytes(size, seed: seed &+ UInt64(number)), at: key("data/\(padded(number, 5)) +%2F"),
                in: "source")
        }
    }

    private func small(_ options: inout MirrorOptions) {
        options.largeObject = ByteCount(2000)
        options.workers = 12
    }

    @Test func `a small object costs two requests, a pass without changes only listings`() async throws {
        try await withWire { wire in
            fill(wire.server, 1200)
            _ = try await mirror(wire.source, wire.target) { $0.history = .off }
            wire.expectEqual()
            #expect(wire.server.count(.get) == 1200 && wire.server.count(.put) == 1200)
            #expect(wire.server.count(.head) == 0 && wire.server.count(.list) == 3)
            let before = wire.server.requests
            #expect(try await mirror(wire.source, wire.target) { $0.history = .off }.counts.equal == 1200)
            #expect(wire.server.requests == before + 4)
        }
    }

    @Test(arguments: [
        S3Fault.refuse(status: 503, code: "SlowDown"), .reset, .loseAnswer, .tear(after: 40), .flip(at: 11),
        .html(status: 502),
    ])
    func `every seventh request fails: nothing is lost, nothing is half`(fault: S3Fault) async throws {
        try await withWire { wire in
            fill(wire.server, 150)
            wire.server.plan(S3FaultRule(fault, of: [.get, .put, .list, .head], times: nil, every: 7))
            for _ in 0..<4 {
                if try await mirror(wire.source, wire.target, small).isComplete { break }
            }
            wire.server.clearFaults()
            #expect(try await mirror(wire.source, wire.target, small).isComplete)
            wire.expectEqual()
            _ = try await MirrorHistory(store: wire.target).check()
        }
    }

    @Test(arguments: [S3Fault.truncateWithoutToken, .repeatToken, .disorder])
    func `a page that makes no sense deletes nothing`(fault: S3Fault) async throws {
        try await withWire { wire in
            fill(wire.server, 1500)
            _ = try await mirror(wire.source, wire.target)
            wire.server.plan(S3FaultRule(fault, of: [.list], times: nil))
            let report = try? await mirror(wire.source, wire.target) {
                $0.deletes = .propagate
                $0.brake = nil
            }
            #expect(report?.counts.removed ?? 0 == 0)
            wire.server.clearFaults()
            wire.expectEqual()
        }
    }

    @Test func `stale and frozen listings delete nothing that is there`() async throws {
        try await withWire { wire in
            fill(wire.server, 50)
            wire.server.freezeListings()
            fill(wire.server, 80)
            _ = try await mirror(wire.source, wire.target)
            wire.server.thawListings()
            #expect(try await mirror(wire.source, wire.target).isComplete)
            wire.expectEqual()
        }
    }

    @Test func `keeps the parts of the source, so that tags are equal`() async throws {
        try await withWire { wire in
            let content = patternBytes(12 << 20)
            _ = wire.server.put(content, at: key("large"), in: "source", partSizes: [5 << 20, 5 << 20, 2 << 20])
            _ = wire.server.put(bytes("one part"), at: key("small"), in: "source", partSizes: [8])
            #expect(try await mirror(wire.source, wire.target, small).isComplete)
            wire.expectEqual()
            let (one, other) = (try await wire.source.head(key("large")), try await wire.target.head(key("large")))
            #expect(one.etag == other.etag && one.etag?.hasSuffix("-3") == true)
            #expect(try await mirror(wire.source, wire.target, small).counts.copied == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `follows MinIO's stream through faults, silence and a server that goes away`() async throws {
        try await withWire { wire in
            let clock = Simulation()
            let events = RealEvents(wire.events, clock)
            wire.server.setEventFaults(
                S3EventFaults {
                    $0.dropPerMille = 100
                    $0.repeatPerMille = 100
                    $0.swapPerMille = 100
                    $0.foreignPerMille = 50
                })
            var watch = WatchOptions()
            watch.scanInterval = .seconds(40)
            watch.pollInterval = .seconds(2) ... .seconds(10)
            let pair = MirrorPair(
                name: "wire",
                source: MirrorEndpoint(store: RealStore(base: wire.source, simulation: clock), name: "source"),
                target: MirrorEndpoint(store: RealStore(base: wire.target, simulation: clock), name: "target"),
                options: MirrorOptions {
                    $0.deletes = .propagate
                    $0.brake = nil
                }, watch: watch, events: [events])
            let tools = MirrorTools(clock: clock, wallClock: clock.wallClock, random: SeededGenerator(seed: 1))
            let service = MirrorService(pairs: [pair], tools: tools)
            try await clock.run {
                let task = Task(executorPreference: clock) { try await service.run() }
                try await follow(wire, service, clock, events)
                task.cancel()
                _ = await task.result
            }
            #expect(service.metrics[0].gaps[.ended, default: 0] >= 3)
            #expect(service.metrics[0].gaps[.lost, default: 0] >= 1)
            _ = try await MirrorHistory(store: wire.target).check()
        }
    }

    private func follow(
        _ wire: Wire, _ service: MirrorService, _ clock: Simulation, _ events: RealEvents
    ) async throws {
        func settles() async throws -> Bool {
            let now = clock.wallClock.now()
            return try await clock.waits {
                let metrics = service.metrics[0]
                return metrics.lagObjects == 0 && metrics.replicatedThrough.map { $0 > now } ?? false
            }
        }
        fill(wire.server, 100)
        #expect(try await settles())
        for round in 0..<4 {
            #expect(try await clock.waits { events.signs.opened > events.signs.ended })
            let before = events.signs
            fill(wire.server, 60, seed: UInt64(round * 1000))
            wire.server.delete(key("data/\(padded(round, 5)) +%2F"), in: "source")
            if round == 1 {
                try await events.insist(until: { $0.lost > before.lost }) {
                    wire.server.sendToStreams("{\"Records\":[{\"not\": json\n")
                }
                continue
            }
            switch round {
            case 0:
                try await events.insist(until: { $0.ended > before.ended }) { await wire.server.endStreams() }
            case 2: await clock.outside { await wire.server.goDown() }
            default: await clock.outside { await wire.server.cutConnections() }
            }
            await events.waits { $0.ended > before.ended }
            if round == 2 {
                try await clock.sleep(for: .seconds(30))
                try await clock.outside { try await wire.server.comeUp() }
            }
        }
        #expect(try await settles())
        wire.expectEqual()
    }
}
