import FoundationEssentials
import HTTPTypes
import MartletTestSupport
import NIOCore
import ObjectStorage
import Subprocess
import Testing

/// Who tells the service of changes, as processes: the mirror is slow to scan, so only an event explains a quick copy.
@Suite(.serialized) struct `The sources of events of a service` {
    private static func environment(_ server: S3TestServer) -> [String: String] {
        let address = server.endpoint.dropFirst("http://".count)
        let host = "http://\(S3TestServer.accessKey):\(S3TestServer.secretKey)@\(address)"
        return ["MC_HOST_local": host, "MC_HOST_backup": host]
    }

    private static func with(_ body: (S3TestServer, String) async throws -> Void) async throws {
        try await withTemporaryFolder { (folder: String) async throws -> Void in
            try await withS3TestServer { (server: S3TestServer) async throws -> Void in
                server.makeBucket("data")
                server.makeBucket("copy")
                try await body(server, folder)
            }
        }
    }

    private static func put(_ server: S3TestServer, _ key: String, _ text: String) throws {
        server.put(ByteBuffer(string: text), at: try #require(ObjectKey(key)), in: "data")
    }

    private static func isCopied(_ server: S3TestServer, _ key: String, _ text: String) throws -> Bool {
        server.object(try #require(ObjectKey(key)), in: "copy")?.bytes == ByteBuffer(string: text)
    }

    private static func notification(_ key: String) -> String {
        #"{"EventName":"s3:ObjectCreated:Put","Key":"data/\#(key)","Records":[{"eventName":"s3:ObjectCreated:Put","#
            + #""s3":{"bucket":{"name":"data"},"object":{"key":"\#(key)"}}}]}"#
    }

    @Test(.timeLimit(.minutes(3)))
    func `a webhook takes notifications of whoever shows the token, also after it changed`() async throws {
        try await Self.with { (server: S3TestServer, folder: String) async throws -> Void in
            let token = "\(folder)/token"
            try "first/to+ken@x\n".write(toFile: token, atomically: true, encoding: .utf8)
            let arguments = [
                "mirror", "--watch", "--overwrite", "--listen", "127.0.0.1:0", "--events", "webhook",
                "--events-token-file", token, "--scan-interval", "24h", "local/data", "backup/copy",
            ]
            let outcome = try await MartletProcess(Self.environment(server)).serve(arguments) { service in
                func post(_ body: String, _ token: String?, _ path: String = "/events") async throws -> Int {
                    try await service.send(.post, path, body: body, token: token).status
                }
                let first = Self.notification("one")
                #expect(try await post(first, nil) == 401)
                #expect(try await post(first, "Bearer wrong") == 401)
                #expect(try await service.get("/metrics").body.contains("event_stream_up") == false)
                #expect(try await post(first, "Bearer first/to+ken@x") == 200)
                // From now on there are events, and the next scan is a day away.
                try await eventually {
                    let metrics = try await service.get("/metrics").body
                    return metrics.contains(#"event_stream_up{pair="local/data",source="webhook local/data"} 1"#)
                }
                let scans = { try await service.get("/metrics").body.count(of: #"scans_total{pair="local/data"} "#) }
                try await eventually { try await scans() >= 2 }
                try Self.put(server, "größe +", "1")
                #expect(try await post(Self.notification("gr%C3%B6%C3%9Fe+%2B"), "first/to+ken@x") == 200)
                try await eventually { try Self.isCopied(server, "größe +", "1") }
                try "second".write(toFile: token, atomically: true, encoding: .utf8)
                try Self.put(server, "two", "2")
                #expect(try await post(Self.notification("two"), "Bearer first/to+ken@x") == 401)
                #expect(try await post(Self.notification("two"), "Bearer second", "/events/local%2Fdata") == 200)
                try await eventually { try Self.isCopied(server, "two", "2") }
                #expect(try await post("nonsense", "Bearer second") == 400)
                #expect(try await post(Self.notification("two"), "Bearer second", "/events/nobody") == 404)
                let long = String(repeating: " ", count: (1 << 20) + 1)
                #expect(try await post(long, "Bearer second") == 413)
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains("to+ken"))
        }
    }

    @Test(.needs(.moto), .timeLimit(.minutes(3)))
    func `a queue of moto tells, and is empty afterwards`() async throws {
        try await Self.with { (server: S3TestServer, folder: String) async throws -> Void in
            let queue = try await MotoQueue.make()
            let arguments = [
                "mirror", "--watch", "--overwrite", "--listen", "127.0.0.1:0", "--events", queue.url, "--scan-interval",
                "24h", "local/data", "backup/copy",
            ]
            let keys = ["AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test/test+test"]
            let outcome = try await MartletProcess(Self.environment(server).merging(keys) { $1 }).serve(arguments) {
                service in
                try await eventually { try await service.get("/metrics").body.contains("event_stream_up{") }
                try await eventually {
                    try await service.get("/metrics").body.count(of: #"scans_total{pair="local/data"} "#) >= 1
                }
                try Self.put(server, "by/queue", "1")
                try await queue.send(Self.notification("by%2Fqueue"), transport: service.transport)
                try await eventually { try Self.isCopied(server, "by/queue", "1") }
                try await eventually { try await queue.isEmpty(transport: service.transport) }
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains("test/test+test"))
        }
    }

    @Test(.needs(.seaweedFS), .timeLimit(.minutes(3)))
    func `SeaweedFS has none for us, so it is polled, and says so`() async throws {
        try await StorePair.with(.seaweedFS, .seaweedFS) { (pair: StorePair) async throws -> Void in
            let arguments = ["mirror", "--watch", "--overwrite", "--listen", "127.0.0.1:0", pair.fromName, pair.toName]
            let outcome = try await pair.martlet.serve(arguments) { service in
                try await eventually {
                    try await service.get("/metrics").body.contains(
                        #"gaps_total{pair="\#(pair.fromName)",cause="none"} 1"#)
                }
                // Far sooner than the fifteen minutes between scans of a source with events; the time limit is the proof.
                try await pair.source.put("1", at: "a")
                try await eventually { try await pair.target.contents() == ["a": Array("1".utf8)] }
                try await pair.source.put("22", at: "a")
                try await eventually { try await pair.target.contents() == ["a": Array("22".utf8)] }
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `that make no sense are refused`() async throws {
        try await Self.with { (server: S3TestServer, folder: String) async throws -> Void in
            let martlet = MartletProcess(Self.environment(server))
            let pair = ["local/data", "backup/copy"]
            for flags in [
                ["--events", "carrier-pigeon"], ["--events", "webhook"], ["--events", "https://host"],
                ["--events-token-file", "\(folder)/none"],
                ["--listen", "127.0.0.1:0", "--events", "webhook", "--events-token-file", "\(folder)/none"],
            ] {
                let outcome = try await martlet.run(["mirror", "--watch"] + flags + pair)
                #expect(outcome.status == 2, "\(flags): \(outcome.messages)")
            }
        }
    }
}

extension String {
    /// The number behind `words`; 0 where they are not.
    fileprivate func count(of words: String) -> Int {
        guard let start = firstRange(of: words)?.upperBound else { return 0 }
        return Int(self[start...].prefix { $0.isNumber }) ?? 0
    }
}
