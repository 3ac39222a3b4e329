import Basics
import HTTPTypes
import MartletCLI
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import Subprocess
import Synchronization
import Testing
import Transport

/// `martlet mirror --watch` as a process, between buckets of a server that misbehaves on purpose.
@Suite(.serialized) struct `The mirror that never ends` {
    private static func environment(_ server: S3TestServer) -> [String: String] {
        // The secret has a slash and a plus, which mc's variables take as they are.
        let address = server.endpoint.dropFirst("http://".count)
        let host = "http://\(S3TestServer.accessKey):\(S3TestServer.secretKey)@\(address)"
        return ["MC_HOST_local": host, "MC_HOST_backup": host]
    }

    private static func put(_ server: S3TestServer, _ key: String, _ text: String) {
        server.put(ByteBuffer(string: text), at: ObjectKey(key)!, in: "radar-output-storage")
    }

    private static func mirrored(_ server: S3TestServer, _ key: String, _ text: String) -> Bool {
        server.object(ObjectKey(key)!, in: "backup")?.bytes == ByteBuffer(string: text)
    }

    private static func with(_ body: (S3TestServer) async throws -> Void) async throws {
        try await withS3TestServer { (server: S3TestServer) async throws -> Void in
            server.makeBucket("radar-output-storage")
            server.makeBucket("backup")
            try await body(server)
        }
    }

    /// The command line of the old deployment, with `mc` replaced by `martlet`.
    private static let arguments = [
        "mirror", "--overwrite", "--watch", "--md5", "local/radar-output-storage", "backup/backup",
    ]

    @Test(.timeLimit(.minutes(2)))
    func `follows the source through lost connections, and ends when told to`() async throws {
        try await Self.with { (server: S3TestServer) async throws -> Void in
            Self.put(server, "before", "1")
            let step = Atomic(0)
            let outcome = try await MartletProcess(Self.environment(server)).run(Self.arguments, ending: .terminate) {
                switch step.load(ordering: .sequentiallyConsistent) {
                case 0 where Self.mirrored(server, "before", "1"): Self.put(server, "while", "2")
                case 1 where Self.mirrored(server, "while", "2"):
                    await server.cutConnections()
                    Self.put(server, "after", "3")
                case 2 where Self.mirrored(server, "after", "3"): Self.put(server, "while", "22")
                case 3 where Self.mirrored(server, "while", "22"): return true
                default: return false
                }
                step.add(1, ordering: .sequentiallyConsistent)
                return false
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains(S3TestServer.secretKey))
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `begins although the source is down, and goes on when it is up`() async throws {
        try await Self.with { (server: S3TestServer) async throws -> Void in
            Self.put(server, "a", "1")
            await server.goDown()
            let asked = Atomic(0)
            let outcome = try await MartletProcess(Self.environment(server)).run(Self.arguments, ending: .terminate) {
                if asked.add(1, ordering: .sequentiallyConsistent).newValue == 50 { try await server.comeUp() }
                return Self.mirrored(server, "a", "1")
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `is killed, and goes on where it was`() async throws {
        try await Self.with { (server: S3TestServer) async throws -> Void in
            try await withTemporaryFolder { (folder: String) async throws -> Void in
                for index in 0..<300 { Self.put(server, "key/\(index)", "value \(index)") }
                let arguments = Self.arguments + ["--index", "\(folder)/index.sqlite"]
                let martlet = MartletProcess(Self.environment(server))
                let killed = try await martlet.run(arguments, ending: .kill) { server.keys(in: "backup").count >= 20 }
                #expect(killed.status == 128 + 9)
                let outcome = try await martlet.run(arguments, ending: .terminate) {
                    server.keys(in: "backup").count >= 300
                }
                #expect(outcome.status == 0, "\(outcome.messages)")
                for index in 0..<300 { #expect(Self.mirrored(server, "key/\(index)", "value \(index)")) }
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `shows how it stands`() async throws {
        try await Self.with { (server: S3TestServer) async throws -> Void in
            Self.put(server, "a", "1")
            let port = try await freePort()
            let seen = Mutex("")
            try await withNetworkTransport { transport in
                let outcome = try await MartletProcess(Self.environment(server)).run(
                    Self.arguments + ["--listen", "127.0.0.1:\(port)"], ending: .terminate
                ) {
                    guard Self.mirrored(server, "a", "1") else { return false }
                    let metrics = try await page("/metrics", port, transport)
                    guard metrics.contains("replicated_through") else { return false }
                    let health = try await page("/health", port, transport)
                    seen.withLock { $0 = metrics + health }
                    return true
                }
                #expect(outcome.status == 0, "\(outcome.messages)")
                #expect(outcome.messages.contains("listening on 127.0.0.1:\(port)"))
            }
            let text = seen.withLock { $0 }
            #expect(
                text.contains(#"martlet_mirror_copied_objects_total{pair="local/radar-output-storage"} 1"#), "\(text)")
            #expect(text.hasSuffix("ok\n"))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `asks the target nothing about its objects when nothing changed`() async throws {
        try await Self.with { (server: S3TestServer) async throws -> Void in
            try await withTemporaryFolder { (folder: String) async throws -> Void in
                try await withS3TestServer { (other: S3TestServer) async throws -> Void in
                    other.makeBucket("backup")
                    for index in 0..<50 { Self.put(server, "key/\(index)", "value \(index)") }
                    let host =
                        "http://\(S3TestServer.accessKey):\(S3TestServer.secretKey)@\(other.endpoint.dropFirst(7))"
                    let martlet = MartletProcess(Self.environment(server).merging(["MC_HOST_backup": host]) { $1 })
                    let arguments = [
                        "mirror", "--overwrite", "--index", "\(folder)/index.sqlite", "local/radar-output-storage",
                        "backup/backup",
                    ]
                    let first = try await martlet.run(arguments)
                    #expect(first.status == 0, "\(first.messages)")
                    #expect(other.keys(in: "backup").count == 50)
                    let before = counts(other)
                    let second = try await martlet.run(arguments)
                    #expect(second.status == 0, "\(second.messages)")
                    #expect(second.output == "")
                    // Whether it keeps versions, and whether it has a history: two, however many objects.
                    let asked = counts(other).merging(before) { $0 - $1 }.filter { $0.value > 0 }
                    #expect(Set(asked.keys).isSubset(of: [.bucketSettings, .list]), "\(asked)")
                    #expect(asked.values.reduce(0, +) <= 2, "\(asked)")
                    let without = counts(other)
                    #expect(try await martlet.run(arguments + ["--history", "off"]).status == 0)
                    #expect(counts(other) == without)
                }
            }
        }
    }
}

private func counts(_ server: S3TestServer) -> [S3Operation: Int] {
    Dictionary(uniqueKeysWithValues: S3Operation.allCases.map { ($0, server.count($0)) })
}

/// A port that was free a moment ago.
private func freePort() async throws -> Int {
    let server = try await StatusServer.start(ListenAddress("127.0.0.1:0")) { _ in nil }
    let port = server.address.split(separator: ":").last.flatMap { Int($0) }
    await server.stop()
    return try #require(port)
}

private func page(_ path: String, _ port: Int, _ transport: NetworkTransport) async throws -> String {
    let head = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: path)
    var bytes: [UInt8] = []
    for try await chunk in try await transport.send(TransportRequest(head: head)).body {
        bytes += chunk.readableBytesView
    }
    return String(decoding: bytes, as: UTF8.self)
}
