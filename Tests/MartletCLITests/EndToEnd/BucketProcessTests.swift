import FoundationEssentials
import MartletTestSupport
import ObjectStorage
import Testing

/// The everyday commands as processes, against real servers.
@Suite(.serialized) struct `Buckets on real servers` {
    static let servers: [TestServer] = [.seaweedFS, .moto, .rclone]

    @Test(.needs(.seaweedFS), .needs(.moto), .needs(.rclone), .timeLimit(.minutes(2)), arguments: servers)
    func `are listed, read, copied and emptied`(server: TestServer) async throws {
        try await StorePair.with(server, .moto) { (pair: StorePair) async throws -> Void in
            let folder = try ScratchFolder()
            let file = "\(folder.path)/NAME.tar.gz"
            let bytes = String(repeating: "martlet ", count: 200_000)
            try bytes.write(toFile: file, atomically: true, encoding: .utf8)
            let martlet = pair.martlet
            let up = try await martlet.run("bucket", "cp", file, "\(pair.fromName)/backups/NAME/")
            #expect(up.status == 0, "\(up.messages)")
            // The three command lines of the old restore page.
            let list = try await martlet.run("ls", "\(pair.fromName)/backups/")
            #expect(list.output.hasSuffix(" NAME/\n"), "\(list.text)")
            let down = try await martlet.run(
                "cp", "\(pair.fromName)/backups/NAME/NAME.tar.gz", "\(folder.path)/restored.tar.gz")
            #expect(down.status == 0, "\(down.messages)")
            #expect(try String(contentsOfFile: "\(folder.path)/restored.tar.gz", encoding: .utf8) == bytes)
            let cat = try await martlet.run("bucket", "cat", "\(pair.fromName)/backups/NAME/NAME.tar.gz")
            #expect(cat.output == bytes)
            let across = try await martlet.run(
                "bucket", "cp", "-r", "\(pair.fromName)/backups/", "\(pair.toName)/copy/")
            #expect(across.status == 0, "\(across.messages)")
            #expect(try await pair.target.contents()["copy/NAME/NAME.tar.gz"] == Array(bytes.utf8))
            let du = try await martlet.run("bucket", "du", "-o", "json", pair.fromName)
            #expect(du.output.contains(#""objects":1"#), "\(du.text)")
            #expect(try await martlet.run("bucket", "rm", "-r", pair.fromName).status == 2)
            #expect(try await martlet.run("bucket", "rm", "-r", "--yes", pair.fromName).status == 0)
            #expect(try await pair.source.listAll().isEmpty)
        }
    }

    @Test(.needs(.seaweedFS), .needs(.moto), .timeLimit(.minutes(1)), arguments: [TestServer.seaweedFS, .moto])
    func `are made, listed and removed`(server: TestServer) async throws {
        try await StorePair.with(server, .moto) { (pair: StorePair) async throws -> Void in
            let name = "from/martlet-cli-\(UUID().uuidString.lowercased())"
            #expect(try await pair.martlet.run("bucket", "mb", name).status == 0)
            #expect(try await pair.martlet.run("bucket", "ls", "from").output.contains("\(name.dropFirst(5))/\n"))
            #expect(try await pair.martlet.run("bucket", "mb", name).status == 1)
            #expect(try await pair.martlet.run("bucket", "rb", name).status == 0)
            #expect(try await pair.martlet.run("bucket", "rb", name).status == 5)
        }
    }

    @Test(.needs(.seaweedFS), .timeLimit(.minutes(1)))
    func `end with the exit code that says why`() async throws {
        try await StorePair.with(.seaweedFS, .seaweedFS) { (pair: StorePair) async throws -> Void in
            #expect(try await pair.martlet.run("ls", "from/no-such-bucket").status == 5)
            #expect(try await pair.martlet.run("cat", "\(pair.fromName)/missing").status == 5)
            #expect(try await pair.martlet.run("ls", "nobody/bucket").status == 2)
            let folder = try ScratchFolder()
            let home = MartletProcess(["XDG_CONFIG_HOME": folder.path])
            let unreachable = try await home.run("alias", "set", "x", "http://127.0.0.1:1", "radar", "hunter2hunter2")
            #expect(unreachable.status == 4, "\(unreachable.messages)")
            #expect(!unreachable.text.contains("hunter2"))
            let kept = try await home.run(
                "alias", "set", "from", pair.from.endpoint, TestServers.s3AccessKey, TestServers.s3SecretKey)
            #expect(kept.status == 0, "\(kept.messages)")
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/martlet/aliases.json")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try await home.run("ls", "from").output.contains(pair.from.name))
            let wrong = try await home.run(
                "alias", "set", "from", pair.from.endpoint, TestServers.s3AccessKey, "hunter2hunter2")
            #expect(wrong.status == 2, "\(wrong.messages)")
            #expect(try await home.run("ls", "from").status == 0)
        }
    }
}
