import FoundationEssentials
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization
import Testing

/// Two services of one pair, as processes, between real servers and a server of our own.
@Suite(.serialized) struct `Two services of one pair` {
    private static func arguments(_ source: String, _ target: String) -> [String] {
        [
            "mirror", "--watch", "--overwrite", "--history", "full", "--listen", "127.0.0.1:0", "--scan-interval", "5s",
            source, target,
        ]
    }

    /// - Parameter body: is given both, the second once it waits.
    private static func pair(
        _ martlet: MartletProcess, _ arguments: [String],
        _ body: @escaping @Sendable (RunningService, RunningService) async throws -> Void,
        afterwards: @escaping @Sendable (RunningService) async throws -> Void
    ) async throws {
        let both = Both()
        async let first = martlet.serve(arguments) { first in
            try await eventually { try await first.isInState("following") }
            both.set(first)
            try await both.waitForEnd()
        }
        async let second = { () async throws -> MartletProcess.Outcome in
            let first = try await both.first()
            return try await martlet.serve(arguments) { second in
                do {
                    try await eventually { try await second.isInState("standby") }
                    try await body(first, second)
                } catch {
                    both.end()
                    throw error
                }
                both.end()
                try await afterwards(second)
            }
        }()
        for outcome in try await [first, second] { #expect(outcome.status == 0, "\(outcome.messages)") }
    }

    @Test(.timeLimit(.minutes(3)))
    func `write one history: one works, the other waits and takes over`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            past.source.setClock(offset: .zero)
            let (source, backup) = (past.source, past.backup)
            @Sendable func put(_ key: String, _ text: String) throws {
                source.put(ByteBuffer(string: text), at: try #require(ObjectKey(key)), in: "data")
            }
            @Sendable func isCopied(_ key: String, _ text: String) throws -> Bool {
                backup.object(try #require(ObjectKey(key)), in: "backup")?.bytes == ByteBuffer(string: text)
            }
            try await Self.pair(past.martlet, Self.arguments("source/data", "backup/backup")) { first, second in
                try put("one", "1")
                try await eventually { try isCopied("one", "1") }
                #expect(try await second.isInState("standby"))
                #expect(try await second.get("/readyz").status == 200)
                // A single pass does not write beside a service either. It has something to do that the service does not.
                source.makeBucket("other")
                source.put(ByteBuffer(string: "3"), at: try #require(ObjectKey("three")), in: "other")
                let pass = try await past.martlet.run(
                    "mirror", "--overwrite", "--history", "full", "source/other", "backup/backup")
                #expect(pass.status == 11, "\(pass.text)")
                #expect(pass.messages.contains("mirrors to"), "\(pass.text)")
            } afterwards: { second in
                try put("two", "2")
                try await eventually { try isCopied("two", "2") }
            }
            let history = try await past.martlet.run("mirror", "history", "backup/backup")
            #expect(history.status == 0, "\(history.text)")
            #expect(backup.object(try #require(ObjectKey(".martlet/lease")), in: "backup") == nil)
        }
    }

    @Test(
        .needs(.seaweedFS), .needs(.moto), .needs(.rclone), .timeLimit(.minutes(3)),
        arguments: [TestServer.seaweedFS, .moto, .rclone])
    func `find out what a real store makes of conditional writes, and take over there`(target: TestServer) async throws
    {
        try await StorePair.with(.moto, target) { (pair: StorePair) async throws -> Void in
            try await pair.source.put("1", at: "a")
            try await Self.pair(pair.martlet, Self.arguments(pair.fromName, pair.toName)) { _, second in
                #expect(second.messages.contains("waiting"), "\(second.messages)")
            } afterwards: { second in
                try await pair.source.put("2", at: "b")
                try await eventually { try await pair.target.listAll().contains { $0.key.text == "b" } }
            }
            let history = try await pair.martlet.run("mirror", "history", pair.toName)
            #expect(history.status == 0, "\(history.text)")
        }
    }
}

extension RunningService {
    fileprivate func isInState(_ state: String) async throws -> Bool {
        try await get("/metrics").body.contains(#"state="\#(state)"} 1"#)
    }
}

/// Lets two services meet.
private final class Both: Sendable {
    private let state = Mutex<(first: RunningService?, isOver: Bool)>((nil, false))

    func set(_ first: RunningService) { state.withLock { $0.first = first } }
    func end() { state.withLock { $0.isOver = true } }

    /// Ends with the service, or with the test's time limit.
    func first() async throws -> RunningService {
        try await eventually { state.withLock { $0.first != nil } }
        return try #require(state.withLock { $0.first })
    }

    func waitForEnd() async throws { try await eventually { state.withLock { $0.isOver } } }
}
