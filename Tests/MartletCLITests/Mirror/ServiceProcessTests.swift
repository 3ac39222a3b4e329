import FoundationEssentials
import HTTPTypes
import MartletTestSupport
import NIOCore
import ObjectStorage
import Subprocess
import Testing

/// The service as a process: pairs from a file, what is seen of it over HTTP, and how it ends.
@Suite(.serialized) struct `The service of several pairs` {
    /// Three servers, each with keys of its own.
    private struct World: Sendable {
        let here: S3TestServer
        let there: S3TestServer
        let elsewhere: S3TestServer
        let folder: String

        /// Two pairs from one server to two others.
        var file: String {
            """
            listen: 127.0.0.1:0
            state: \(folder)/state
            stores:
              here: {url: "\(here.endpoint)", accessKey: \(S3TestServer.accessKey), secretKey: {env: HERE_SECRET}}
              there: {url: "\(there.endpoint)", accessKey: \(S3TestServer.accessKey), secretKey: {file: "\(folder)/there"}}
              elsewhere:
                url: \(elsewhere.endpoint)
                path: on
                accessKey: {env: ELSEWHERE_ACCESS}
                secretKey: {file: "\(folder)/elsewhere"}
            mirrors:
              - {name: intermediate, source: here/intermediate, target: there/backup, remove: true}
              - {name: output, source: here/output, target: elsewhere/backup/output, exclude: "*.tmp"}
            """
        }

        var martlet: MartletProcess {
            MartletProcess(["HERE_SECRET": "secret/of+here@1", "ELSEWHERE_ACCESS": S3TestServer.accessKey])
        }

        func put(_ text: String, at key: String, in bucket: String) throws {
            here.put(ByteBuffer(string: text), at: try #require(ObjectKey(key)), in: bucket)
        }

        func has(_ text: String, at key: String, _ server: S3TestServer) throws -> Bool {
            server.object(try #require(ObjectKey(key)), in: "backup")?.bytes == ByteBuffer(string: text)
        }
    }

    private static func with(_ body: (World) async throws -> Void) async throws {
        try await withTemporaryFolder { (folder: String) async throws -> Void in
            try await withS3TestServer { (here: S3TestServer) async throws -> Void in
                try await withS3TestServer { (there: S3TestServer) async throws -> Void in
                    try await withS3TestServer { (elsewhere: S3TestServer) async throws -> Void in
                        let world = World(here: here, there: there, elsewhere: elsewhere, folder: folder)
                        try prepare(world)
                        try await body(world)
                    }
                }
            }
        }
    }

    private static func prepare(_ world: World) throws {
        for (server, name) in [(world.here, "here"), (world.there, "there"), (world.elsewhere, "elsewhere")] {
            server.setSecretKey("secret/of+\(name)@1")
            // With the line end that editors leave.
            try "secret/of+\(name)@1\n".write(toFile: "\(world.folder)/\(name)", atomically: true, encoding: .utf8)
        }
        world.here.makeBucket("intermediate")
        world.here.makeBucket("output")
        world.there.makeBucket("backup")
        world.elsewhere.makeBucket("backup")
        try world.file.write(toFile: "\(world.folder)/mirrors.yaml", atomically: true, encoding: .utf8)
    }

    @Test(.timeLimit(.minutes(3)), arguments: [Signal.terminate, .interrupt])
    func `keeps each pair with its own keys, shows all of them, and ends well when told to`(
        signal: Signal
    ) async throws {
        try await Self.with { (world: World) async throws -> Void in
            try world.put("1", at: "a", in: "intermediate")
            try world.put("2", at: "b", in: "output")
            try world.put("3", at: "c.tmp", in: "output")
            let outcome = try await world.martlet.serve(
                ["mirror", "--watch", "--config", "\(world.folder)/mirrors.yaml"], ending: signal
            ) { service in
                try await eventually {
                    try world.has("1", at: "a", world.there) && world.has("2", at: "output/b", world.elsewhere)
                }
                try world.put("11", at: "a", in: "intermediate")
                world.here.delete(try #require(ObjectKey("b")), in: "output")
                try world.put("4", at: "d", in: "output")
                try await eventually {
                    try world.has("11", at: "a", world.there) && world.has("4", at: "output/d", world.elsewhere)
                }
                try await Self.look(service)
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains("secret/of"))
            // Kept, because this pair does not say `remove`.
            #expect(try world.has("2", at: "output/b", world.elsewhere))
            #expect(world.elsewhere.keys(in: "backup").count == 2)
            let state = try FileManager.default.contentsOfDirectory(atPath: "\(world.folder)/state")
            #expect(Set(state).isSuperset(of: ["intermediate.sqlite", "output.sqlite"]), "\(state)")
        }
    }

    /// Everything that a probe, Prometheus and a person ask.
    private static func look(_ service: RunningService) async throws {
        try await eventually { try await service.get("/metrics").body.contains("replicated_through") }
        let metrics = try await service.get("/metrics")
        #expect(metrics.status == 200)
        for pair in ["intermediate", "output"] {
            for name in ["lag_seconds", "lag_objects", "lag_bytes", "healthy", "scans_total"] {
                #expect(metrics.body.contains("martlet_mirror_\(name){pair=\"\(pair)\"} "), "\(name)\n\(metrics.body)")
            }
        }
        #expect(
            metrics.body.contains(#"martlet_mirror_copied_objects_total{pair="intermediate"} 2"#), "\(metrics.body)")
        let expected: [(String, Int, String)] = [
            ("/health", 200, "ok\n"), ("/healthz", 200, "ok\n"), ("/livez", 200, "ok\n"),
            ("/readyz", 200, #""healthy": true"#), ("/status", 200, #""pair": "output""#),
            ("/nothing", 404, "/metrics"),
        ]
        for (path, status, part) in expected {
            let answer = try await service.get(path)
            #expect(answer.status == status, "\(path): \(answer.body)")
            #expect(answer.body.contains(part), "\(path): \(answer.body)")
        }
        #expect(try await service.send(.post, "/health", body: "{}").status == 405)
    }

    @Test(.timeLimit(.minutes(2)))
    func `passes each pair once without --watch, and says which failed`() async throws {
        try await Self.with { (world: World) async throws -> Void in
            try world.put("1", at: "a", in: "intermediate")
            try world.put("2", at: "b", in: "output")
            let line = ["mirror", "--config", "\(world.folder)/mirrors.yaml"]
            let first = try await world.martlet.run(line)
            #expect(first.status == 0, "\(first.messages)")
            #expect(try world.has("1", at: "a", world.there) && world.has("2", at: "output/b", world.elsewhere))
            world.there.setSecretKey("another/secret")
            try world.put("11", at: "a", in: "intermediate")
            let refused = try await world.martlet.run(line)
            #expect(refused.status == 2, "\(refused.messages)")
            #expect(!refused.text.contains("secret/of"))
            let missing = try await world.martlet.run("mirror", "--config", "\(world.folder)/none.yaml")
            #expect(missing.status == 2, "\(missing.messages)")
        }
    }
}
