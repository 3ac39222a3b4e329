import Basics
import FoundationEssentials
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Subprocess
import Synchronization
import Testing

/// The command lines of the deployment and of the restore page that Martlet replaces: the same words with `mc` replaced by
/// `martlet`, the same buckets, variables and files, between real servers. rclone is the referee.
@Suite(.serialized) struct `The old command lines` {
    /// Where the data is, where the backup goes, and where it comes back.
    struct Roles: Sendable, CustomTestStringConvertible {
        let local: TestServer
        let backup: TestServer
        let production: TestServer
        /// Whether the backup keeps versions, and so a history.
        let keepsVersions: Bool

        var testDescription: String { "\(local), \(backup)\(keepsVersions ? " with versions" : ""), \(production)" }

        static let all = [
            Roles(local: .seaweedFS, backup: .moto, production: .rclone, keepsVersions: true),
            Roles(local: .moto, backup: .rclone, production: .seaweedFS, keepsVersions: false),
            Roles(local: .rclone, backup: .seaweedFS, production: .moto, keepsVersions: true),
        ]
    }

    private struct World: Sendable {
        let local: OldBuckets
        let backup: OldBuckets
        let production: OldBuckets
    }

    private static func with(_ roles: Roles, _ body: (World) async throws -> Void) async throws {
        try await withNetworkTransport { transport in
            let world = World(
                local: try await OldBuckets.make(on: roles.local, transport),
                backup: try await OldBuckets.make(
                    on: roles.backup, keepsVersions: roles.keepsVersions, transport),
                production: try await OldBuckets.make(on: roles.production, transport))
            try await body(world)
            for buckets in [world.local, world.backup, world.production] { try await buckets.remove() }
        }
    }

    /// Of the shapes that the two programs write which fill these buckets.
    private static func keys(of name: String) -> [(key: String, size: Int)] {
        name == "radar-output-storage"
            ? [
                ("output/study-1/user 1/phone+acceleration/20261122_1000.csv.gz", 70_000),
                ("output/study-1/user 1/phone+acceleration/20261122_1100.csv.gz", 300),
                ("output/study-1/größe/schema.json", 0),
            ]
            : [
                ("topics/t/partition=0/t+0+0000000000.avro", 6 << 20), ("topics/t/partition=0/t+0+0000010000.avro", 9),
                ("topics/t/partition=1/t+1+0000000000.avro", 12_345),
            ]
    }

    private static func fill(_ buckets: OldBuckets) async throws {
        var generator = SeededGenerator(seed: 7)
        for name in OldBuckets.names {
            for (key, size) in keys(of: name) {
                let bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                // As Kafka Connect writes: in parts, whatever the size.
                _ = try await buckets[name].upload(at: #require(ObjectKey(key)), partSize: .mebibytes(5)) {
                    try await $0.write(bytes)
                }
            }
        }
    }

    // MARK: The deployment

    private static func commandLine(_ name: String) -> [String] {
        "mirror --overwrite --watch --md5 local/\(name) backup/\(name)".split(separator: " ").map(String.init)
    }

    /// One container: it runs while a file is extended and another one comes, and is stopped as Kubernetes stops it.
    private static func follow(_ name: String, _ world: World) async throws -> MartletProcess.Outcome {
        let container = MartletProcess([
            "MC_HOST_local": world.local.hostVariable, "MC_HOST_backup": world.backup.hostVariable,
        ])
        let isChanged = Atomic(false)
        let rewritten = try #require(keys(of: name).first).key
        return try await container.run(commandLine(name), ending: .terminate) {
            let (source, target) = try await (world.local.contents(name), world.backup.contents(name))
            guard source == target else { return false }
            guard isChanged.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
                return true
            }
            try await world.local[name].put("longer by the records that came late", at: rewritten)
            try await world.local[name].put("the next hour", at: rewritten + ".next")
            return false
        }
    }

    @Test(
        .needs(.seaweedFS), .needs(.moto), .needs(.rclone), .needsRclone, .timeLimit(.minutes(5)), arguments: Roles.all)
    func `fill the backup and follow the source, and bring everything back`(roles: Roles) async throws {
        try await Self.with(roles) { (world: World) async throws -> Void in
            try await Self.fill(world.local)
            async let first = Self.follow(OldBuckets.names[0], world)
            async let second = Self.follow(OldBuckets.names[1], world)
            for outcome in try await [first, second] {
                #expect(outcome.status == 0, "\(outcome.messages)")
                #expect(!outcome.text.contains(TestServers.s3OddSecretKey))
            }
            try await Self.judge(world.local, world.backup, "local", "backup")
            try await Self.keepsWhatIsDeleted(world)
            try await Self.restore(world)
        }
    }

    /// Without `--remove` nothing in the backup is lost, other than with mc; both referees say so.
    private static func keepsWhatIsDeleted(_ world: World) async throws {
        let name = "radar-output-storage"
        let deleted = try #require(keys(of: name).last).key
        _ = try await world.local[name].delete([#require(ObjectKey(deleted))])
        let container = MartletProcess([
            "MC_HOST_local": world.local.hostVariable, "MC_HOST_backup": world.backup.hostVariable,
        ])
        let outcome = try await container.run("mirror", "--overwrite", "--md5", "local/\(name)", "backup/\(name)")
        #expect(outcome.status == 0, "\(outcome.messages)")
        let verified = try await container.run("mirror", "verify", "local/\(name)", "backup/\(name)")
        #expect(verified.status == 3, "\(verified.text)")
        #expect(verified.output == "> \(deleted)\n", "\(verified.text)")
        #expect(try await Rclone.check(name, world.local, world.backup, isOneWay: true).isEqual)
        #expect(try await !Rclone.check(name, world.local, world.backup).isEqual)
    }

    // MARK: The restore page

    private static func restore(_ world: World) async throws {
        let home = try ScratchFolder()
        let operatorShell = MartletProcess(["HOME": home.path])
        for (alias, buckets) in [("backup", world.backup), ("production", world.production)] {
            let added = try await operatorShell.run(
                "config", "host", "add", alias, buckets.endpoint, TestServers.s3OddAccessKey, TestServers.s3OddSecretKey
            )
            #expect(added.status == 0, "\(added.messages)")
            #expect(!added.text.contains(TestServers.s3OddSecretKey))
        }
        try await bringBack(operatorShell, world)
        try await judge(world.backup, world.production, "backup", "production")
        // The same with the file that mc left behind.
        let other = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: "\(other.path)/.mc", withIntermediateDirectories: true)
        try """
        {"version":"10","aliases":{"backup":\(world.backup.mcEntry),"production":\(world.production.mcEntry),
        "play":{"url":"https://play.min.io","accessKey":"minioadmin","secretKey":"minioadmin","api":"S3v4","path":"auto"}}}
        """.write(toFile: "\(other.path)/.mc/config.json", atomically: true, encoding: .utf8)
        for name in OldBuckets.names {
            let key = try #require(keys(of: name).first).key
            let lost = try #require(ObjectKey(key))
            _ = try await world.production[name].delete([lost])
        }
        try await bringBack(MartletProcess(["HOME": other.path]), world)
        try await judge(world.backup, world.production, "backup", "production")
    }

    private static func bringBack(_ shell: MartletProcess, _ world: World) async throws {
        for name in OldBuckets.names {
            let line = "mirror --overwrite --md5 backup/\(name) production/\(name)"
            let outcome = try await shell.run(line.split(separator: " ").map(String.init))
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.text.contains(TestServers.s3OddSecretKey))
            // Nothing of the mirror's own becomes an object.
            let keys = try await world.production[name].listAll().map(\.key.text)
            #expect(!keys.contains { $0.hasPrefix(".martlet/") }, "\(keys)")
        }
    }

    /// rclone reads everything on both sides, and so does `mirror verify --content`.
    private static func judge(
        _ first: OldBuckets, _ second: OldBuckets, _ firstName: String, _ secondName: String
    ) async throws {
        let shell = MartletProcess([
            "MC_HOST_\(firstName)": first.hostVariable, "MC_HOST_\(secondName)": second.hostVariable,
        ])
        for name in OldBuckets.names {
            #expect(try await first.contents(name) == second.contents(name), "\(name)")
            let referee = try await Rclone.check(name, first, second)
            #expect(referee.isEqual, "\(referee.messages)")
            for depth in [[], ["--content"]] {
                let verified = try await shell.run(
                    ["mirror", "verify"] + depth + ["\(firstName)/\(name)", "\(secondName)/\(name)"])
                #expect(verified.status == 0, "\(verified.text)")
            }
        }
    }
}
