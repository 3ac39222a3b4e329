import Glibc
import MartletTestSupport
import ResticFormat
import Testing

/// A repository in a bucket of a real server, with the real restic as the other client.
@Suite(.serialized, .enabled(if: !ResticProgram.all.isEmpty, "needs restic")) struct `A repository on S3` {
    /// Runs `body` with an empty repository in a bucket of its own.
    private func with(
        _ restic: ResticProgram, version: RepositoryVersion, _ body: (SharedRepository) async throws -> Void
    ) async throws {
        let bucket = try await TestBucket.make(on: .seaweedFS)
        try await SharedRepository.with(restic) { shared in
            // Made in a folder, where a key may cost nothing, then copied as it is.
            try await shared.initialize(version: version)
            var remote = shared
            remote.environment = [
                "AWS_ACCESS_KEY_ID": TestServers.s3AccessKey, "AWS_SECRET_ACCESS_KEY": TestServers.s3SecretKey,
                "AWS_DEFAULT_REGION": "us-east-1",
            ]
            remote.place = "s3:\(bucket.endpoint)/\(bucket.name)/restic/demo"
            remote.ownPlace = "s3://\(bucket.name)/restic/demo?endpoint=\(bucket.endpoint)&path-style=true"
            let copy = try SharedRepository.Run(
                [MartletProcess.program, "bucket", "cp", "-r", shared.place + "/", remote.ownPlace], in: nil,
                environment: remote.environment.merging(["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]) { $1 })
            #expect(copy.exitCode == 0, "\(copy)")
            try await body(remote)
        }
    }

    private func fill(_ folder: String, seed: UInt64, _ restic: ResticProgram) throws {
        guard mkdir(folder, 0o755) == 0 else { throw MissingFixture(path: folder) }
        var features = TreeGenerator.Features()
        // The old one loses what is no UTF-8 there.
        features.rawLinkTargets = !restic.isOld
        features.latestTime = 9_000_000_000
        var generator = TreeGenerator(seed: seed, features: features)
        try generator.fill(folder)
    }

    @Test(
        .needs(.seaweedFS), .timeLimit(.minutes(5)), arguments: ResticProgram.all, [RepositoryVersion.v1, .v2])
    func `is written by one and restored by the other`(restic: ResticProgram, version: RepositoryVersion) async throws {
        try await with(restic, version: version) { shared in
            let source = shared.source + "/tree"
            try fill(source, seed: 77, restic)
            let before = try TreeListing(of: source)
            try shared.byMartlet("backup", ".", "--host", "h", in: source)
            try shared.byRestic("check", "--read-data")
            try shared.byRestic("restore", "latest", "--target", shared.folder + "/by-restic")
            #expect(try TreeListing(of: shared.folder + "/by-restic").differences(from: before) == [])
            // restic finds everything there already, and Martlet reads what restic adds.
            let same = try shared.byRestic("backup", ".", "--host", "h", "--force", "--json", in: source)
            #expect(same.output.contains(#""data_blobs":0,"tree_blobs":0"#), "\(same)")
            try fill(source + "/more", seed: 78, restic)
            let after = try TreeListing(of: source)
            try shared.byRestic("backup", ".", "--host", "h", in: source)
            try shared.byMartlet("check", "--read-data")
            try shared.byMartlet("restore", "latest", "--target", shared.folder + "/by-martlet", "--verify")
            #expect(try TreeListing(of: shared.folder + "/by-martlet").differences(from: after) == [])
            let again = try shared.byMartlet("backup", ".", "--host", "h", "--json", in: source)
            #expect(again.output.contains(#""data_blobs":0,"tree_blobs":0"#), "\(again)")
        }
    }

    @Test(.needs(.seaweedFS), .timeLimit(.minutes(5)), arguments: ResticProgram.all)
    func `is written by both at once, and thinned by each`(restic: ResticProgram) async throws {
        try await with(restic, version: .v2) { shared in
            for name in ["left", "right"] {
                try fill("\(shared.source)/\(name)", seed: name == "left" ? 79 : 80, restic)
            }
            async let ours = backUp(shared, byMartlet: true)
            async let theirs = backUp(shared, byMartlet: false)
            let runs = try await [ours, theirs]
            for run in runs { #expect(run.exitCode == 0, "\(run)") }
            #expect(try shared.ids("snapshots").count == 2)
            try shared.expectClean()
            for prunes in [true, false] {
                try shared.write("only in the next snapshot \(prunes)", to: "left/passing")
                try shared.byMartlet("backup", shared.source, "--host", "other")
                try shared.byRestic("backup", shared.source, "--host", "other")
                let arguments = ["forget", "--host", "other", "--keep-last", "1", "--group-by", "host", "--prune"]
                let run = try prunes ? shared.martlet(arguments) : shared.restic(arguments)
                #expect(run.exitCode == 0, "\(run)")
                #expect(try shared.ids("snapshots").count == 3)
                #expect(try shared.ids("locks").isEmpty)
                try shared.expectClean()
            }
        }
    }

    private func backUp(_ shared: SharedRepository, byMartlet: Bool) async throws -> SharedRepository.Run {
        byMartlet
            ? try shared.martlet(["backup", "left", "--host", "h"], in: shared.source)
            : try shared.restic(["backup", "right", "--host", "h"], in: shared.source)
    }
}
