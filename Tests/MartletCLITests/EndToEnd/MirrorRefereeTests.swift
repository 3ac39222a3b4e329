import Basics
import FoundationEssentials
import MartletTestSupport
import NIOCore
import ObjectStorage
import S3
import Subprocess
import Testing

/// `martlet mirror` as a process between real servers, each in both roles; rclone is the referee.
@Suite(.serialized) struct `The mirror between real servers` {
    struct Roles: Sendable, CustomTestStringConvertible {
        let source: TestServer
        let target: TestServer

        var testDescription: String { "\(source) to \(target)" }

        static let all = [
            Roles(source: .seaweedFS, target: .moto), Roles(source: .moto, target: .rclone),
            Roles(source: .rclone, target: .seaweedFS),
        ]
    }

    private static let keys = [
        "output/p1/u1/20261122_1000.csv.gz", "output/p1/u1/20261122_1100.csv.gz", "output/p1/u2/a b+c%2Fd&e=f.csv",
        "output/p1/u2/größe-é.csv", "topics/t/partition=0/t+0+0000000000.avro", "z",
    ]

    /// Objects of the sizes that matter: none, one byte, small, more than one read, and more than one part.
    private static func fill(_ store: S3ObjectStore, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        for (index, key) in keys.enumerated() {
            let size = [0, 1, 5_000, 300_000, 2_000_000, 40][index]
            let bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let options = PutOptions(contentType: "application/x-radar-\(index)", metadata: ["number": "\(index)"])
            _ = try await store.put(ByteBuffer(bytes: bytes), at: #require(ObjectKey(key)), options: options)
        }
        let long = (0..<20 << 20).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let key = try #require(ObjectKey("long/object.bin"))
        _ = try await store.upload(at: key, partSize: .mebibytes(5)) { try await $0.write(long) }
    }

    @Test(
        .needs(.seaweedFS), .needs(.moto), .needs(.rclone), .needsRclone, .timeLimit(.minutes(5)), arguments: Roles.all)
    func `makes both sides equal, byte for byte`(roles: Roles) async throws {
        try await StorePair.with(roles.source, roles.target) { (pair: StorePair) async throws -> Void in
            try await Self.fill(pair.source, seed: 1)
            // The command line of the old restore page.
            let arguments = ["mirror", "--overwrite", "--md5", pair.fromName, pair.toName]
            let first = try await pair.martlet.run(arguments)
            #expect(first.status == 0, "\(first.messages)")
            #expect(first.output.split(separator: "\n").count == Self.keys.count + 1, "\(first.text)")
            #expect(try await pair.target.contents() == pair.source.contents())
            let referee = try await Rclone.check(pair)
            #expect(referee.isEqual, "\(referee.messages)")
            let second = try await pair.martlet.run(arguments)
            #expect(second.status == 0, "\(second.messages)")
            #expect(second.output == "")
            let verified = try await pair.martlet.run("mirror", "verify", "--content", pair.fromName, pair.toName)
            #expect(verified.status == 0, "\(verified.text)")
        }
    }

    @Test(.needs(.seaweedFS), .needs(.moto), .timeLimit(.minutes(2)))
    func `keeps content types and metadata`() async throws {
        try await StorePair.with(.seaweedFS, .moto) { (pair: StorePair) async throws -> Void in
            try await Self.fill(pair.source, seed: 2)
            #expect(try await pair.martlet.run("mirror", "--overwrite", pair.fromName, pair.toName).status == 0)
            for key in Self.keys {
                let source = try await pair.source.head(#require(ObjectKey(key)))
                let target = try await pair.target.head(#require(ObjectKey(key)))
                #expect(target.contentType == source.contentType)
                for (name, value) in source.metadata { #expect(target.metadata[name] == value, "\(key): \(name)") }
            }
        }
    }

    @Test(.needs(.seaweedFS), .needs(.moto), .timeLimit(.minutes(2)))
    func `copies what differs, and deletes only when told to`() async throws {
        try await StorePair.with(.seaweedFS, .moto) { (pair: StorePair) async throws -> Void in
            try await pair.source.put("one", at: "a")
            try await pair.source.put("two", at: "b")
            #expect(try await pair.martlet.run("mirror", pair.fromName, pair.toName).status == 0)
            // The same size: neither size nor time tells, the content does.
            try await pair.source.put("ONE", at: "a")
            _ = try await pair.source.delete([#require(ObjectKey("b"))])
            let refused = try await pair.martlet.run("mirror", pair.fromName, pair.toName)
            #expect(refused.status == 3, "\(refused.messages)")
            #expect(try await pair.target.contents().mapValues { String(decoding: $0, as: UTF8.self) }["a"] == "one")
            let dry = try await pair.martlet.run(
                "mirror", "--overwrite", "--remove", "--dry-run", pair.fromName, pair.toName)
            #expect(dry.status == 0, "\(dry.messages)")
            #expect(try await pair.target.contents().count == 2)
            #expect(try await pair.martlet.run("mirror", "--overwrite", pair.fromName, pair.toName).status == 0)
            #expect(
                try await pair.target.contents().mapValues { String(decoding: $0, as: UTF8.self) } == [
                    "a": "ONE", "b": "two",
                ])
            let removing = try await pair.martlet.run("mirror", "--overwrite", "--remove", pair.fromName, pair.toName)
            #expect(removing.status == 0, "\(removing.messages)")
            #expect(try await pair.target.listAll().map(\.key.text).filter { !$0.hasPrefix(".martlet/") } == ["a"])
        }
    }

    @Test(.needs(.seaweedFS), .needs(.moto), .timeLimit(.minutes(5)))
    func `is killed at any point and does what is left`() async throws {
        try await StorePair.with(.seaweedFS, .moto) { (pair: StorePair) async throws -> Void in
            try await Self.fill(pair.source, seed: 3)
            for index in 0..<200 { try await pair.source.put("object \(index)", at: "many/\(index)") }
            let folder = try ScratchFolder()
            let index = "\(folder.path)/index.sqlite"
            let arguments = [
                "mirror", "--overwrite", "--index", index, "--max-workers", "2", pair.fromName, pair.toName,
            ]
            for count in [1, 50, 150] {
                let killed = try await pair.martlet.run(arguments + ["--limit-upload", "2MiB"], ending: .kill) {
                    try await pair.target.listAll().count >= count
                }
                #expect(killed.status == 128 + 9 || killed.status == 0)
            }
            let last = try await pair.martlet.run(arguments)
            #expect(last.status == 0, "\(last.messages)")
            #expect(try await pair.target.contents() == pair.source.contents())
            let unchanged = try await pair.martlet.run(arguments)
            #expect(unchanged.status == 0)
            #expect(unchanged.output == "")
        }
    }

    @Test(.needs(.seaweedFS), .needs(.moto), .timeLimit(.minutes(2)))
    func `goes to a folder and back`() async throws {
        try await StorePair.with(.seaweedFS, .moto) { (pair: StorePair) async throws -> Void in
            try await Self.fill(pair.source, seed: 4)
            let folder = try ScratchFolder()
            let down = try await pair.martlet.run("mirror", "--overwrite", pair.fromName, "\(folder.path)/mirror")
            #expect(down.status == 0, "\(down.messages)")
            let up = try await pair.martlet.run("mirror", "--overwrite", "\(folder.path)/mirror", pair.toName)
            #expect(up.status == 0, "\(up.messages)")
            #expect(try await pair.target.contents() == pair.source.contents())
        }
    }

    @Test(.needs(.moto), .timeLimit(.minutes(1)))
    func `ends with the exit code that says why`() async throws {
        try await StorePair.with(.moto, .moto) { (pair: StorePair) async throws -> Void in
            try await pair.source.put("one", at: "a")
            let cases: [([String], Int32)] = [
                (["mirror", "from/no-such-bucket", pair.toName], 5),
                (["mirror", pair.fromName, "to/no-such-bucket"], 5),
                (["mirror", pair.fromName], 2), (["mirror", "nobody/bucket", pair.toName], 2),
                (["mirror", "--active-active", pair.fromName, pair.toName], 2), (["mirror", "from", pair.toName], 2),
                (["mirror", "--limit-upload", "fast", pair.fromName, pair.toName], 2),
            ]
            for (arguments, status) in cases {
                let outcome = try await pair.martlet.run(arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome.messages)")
            }
            let dead = MartletProcess(
                pair.environment.merging(["MC_HOST_to": "http://radar:secret99@127.0.0.1:1"]) { $1 })
            let outcome = try await dead.run("mirror", pair.fromName, "to/bucket")
            #expect(outcome.status == 4, "\(outcome.messages)")
            #expect(!outcome.text.contains("secret99"))
        }
    }

    @Test(.needs(.moto), .timeLimit(.minutes(1)))
    func `prints mc's JSON, an object a line`() async throws {
        try await StorePair.with(.moto, .moto) { (pair: StorePair) async throws -> Void in
            try await pair.source.put("one", at: "a")
            let outcome = try await pair.martlet.run("mirror", "--json", pair.fromName, pair.toName)
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == 2)
            for part in [
                #""source":"\#(pair.fromName)/a""#, #""target":"\#(pair.toName)/a""#, #""size":3"#, #""totalCount":1"#,
            ] {
                #expect(lines.first?.contains(part) == true, "\(outcome.output)")
            }
            #expect(lines.last?.contains(#""type":"summary""#) == true)
        }
    }
}
