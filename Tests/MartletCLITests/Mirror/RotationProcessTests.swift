import FoundationEssentials
import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// Keys in files change while the service runs, as Kubernetes changes a mounted Secret.
@Suite(.serialized) struct `Keys that change` {
    /// A folder as the kubelet mounts it: files are links into `..data`, which is a link to a folder that is replaced as a whole.
    private struct Mount: Sendable {
        let path: String

        func set(_ keys: [String: String], version: Int) throws {
            let folder = "\(path)/..version_\(version)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (name, text) in keys {
                try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
                let link = "\(path)/\(name)"
                if !FileManager.default.fileExists(atPath: link) {
                    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "..data/\(name)")
                }
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/..data_new", withDestinationPath: "..version_\(version)")
            try #require(rename("\(path)/..data_new", "\(path)/..data") == 0)
        }
    }

    private struct World: Sendable {
        let server: S3TestServer
        let target: S3TestServer
        let folder: String
        let mount: Mount

        func put(_ key: String, _ text: String) throws {
            server.put(ByteBuffer(string: text), at: try #require(ObjectKey(key)), in: "data")
        }

        func isCopied(_ key: String, _ text: String) throws -> Bool {
            target.object(try #require(ObjectKey(key)), in: "copy")?.bytes == ByteBuffer(string: text)
        }
    }

    private static func with(_ body: (World) async throws -> Void) async throws {
        try await withTemporaryFolder { (folder: String) async throws -> Void in
            try await withS3TestServer { (server: S3TestServer) async throws -> Void in
                try await withS3TestServer { (target: S3TestServer) async throws -> Void in
                    let mount = Mount(path: "\(folder)/keys")
                    try FileManager.default.createDirectory(atPath: mount.path, withIntermediateDirectories: true)
                    server.makeBucket("data")
                    target.makeBucket("copy")
                    let stores = [("local", server), ("backup", target)].map { name, server in
                        "  \(name): {url: \"\(server.endpoint)\", accessKey: {file: \(mount.path)/access}, "
                            + "secretKey: {file: \(mount.path)/secret}}\n"
                    }
                    try """
                    listen: 127.0.0.1:0
                    stores:
                    \(stores.joined())
                    mirrors:
                      - {source: local/data, target: backup/copy}
                    """.write(toFile: "\(folder)/mirrors.yaml", atomically: true, encoding: .utf8)
                    try await body(World(server: server, target: target, folder: folder, mount: mount))
                }
            }
        }
    }

    private static func set(_ world: World, secret: String, version: Int) throws {
        try world.mount.set(["access": S3TestServer.accessKey + "\n", "secret": secret + "\n"], version: version)
    }

    @Test(.timeLimit(.minutes(3)))
    func `are used from then on, without a restart`() async throws {
        try await Self.with { (world: World) async throws -> Void in
            for server in [world.server, world.target] { server.setSecretKey("first/sec+ret@1") }
            try Self.set(world, secret: "first/sec+ret@1", version: 1)
            let martlet = MartletProcess()
            let arguments = ["mirror", "--watch", "--config", "\(world.folder)/mirrors.yaml"]
            let outcome = try await martlet.serve(arguments) { service in
                try world.put("a", "1")
                try await eventually { try world.isCopied("a", "1") }
                // The new key is mounted before the servers ask for it, or after.
                try Self.set(world, secret: "second/sec+ret@2", version: 2)
                for server in [world.server, world.target] { server.setSecretKey("second/sec+ret@2") }
                try world.put("b", "2")
                try await eventually { try world.isCopied("b", "2") }
                world.target.setSecretKey("third/sec+ret@3")
                try world.put("c", "3")
                // It is said that somebody should look, and that a restart would not help.
                try await eventually { try await service.get("/readyz").status == 503 }
                #expect(try await service.get("/health").status == 200)
                #expect(try await service.get("/metrics").body.contains(#"healthy{pair="local/data"} 0"#))
                world.server.setSecretKey("third/sec+ret@3")
                try Self.set(world, secret: "third/sec+ret@3", version: 3)
                try await eventually { try world.isCopied("c", "3") }
                try await eventually { try await service.get("/readyz").status == 200 }
            }
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains("sec+ret"))
        }
    }
}
