import FoundationEssentials
import MartletTestSupport
import NIOCore
import ObjectStorage
import Subprocess
import Testing

/// `martlet bucket restore` as a process, from a history that the program wrote.
@Suite(.serialized) struct `A restore to an instant` {
    private static let line = ["bucket", "restore", "backup/backup", "--to", "backup/production"]

    @Test(.timeLimit(.minutes(3)), arguments: [true, false])
    func `brings back every state, and does what is left when run again`(keepsVersions: Bool) async throws {
        try await MirroredPast.with(keepsVersions: keepsVersions) { (past: MirroredPast) async throws -> Void in
            for state in past.states {
                let outcome = try await past.martlet.run(
                    Self.line + ["--at", state.at, "--overwrite", "--delete-extra", "--yes"])
                #expect(outcome.status == 0, "\(outcome.messages)")
                #expect(past.restored == state.contents)
                let again = try await past.martlet.run(Self.line + ["--at", state.at])
                #expect(again.status == 0, "\(again.messages)")
                #expect(again.output == "", "\(again.text)")
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `prints what it would do, and does nothing`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            let before = past.backup.count(.put)
            let state = past.states[1]
            let dry = try await past.martlet.run(Self.line + ["--at", state.at, "--dry-run"])
            #expect(dry.status == 0, "\(dry.messages)")
            #expect(dry.output.split(separator: "\n").count == state.contents.count)
            #expect(dry.messages.contains("\(state.contents.count) objects existed at that instant"))
            #expect(past.restored == [:])
            #expect(past.backup.count(.put) == before)
            let some = try await past.martlet.run(Self.line + ["--at", state.at, "--prefix", "study 1/"])
            #expect(some.status == 0, "\(some.messages)")
            #expect(past.restored == state.contents.filter { $0.key.hasPrefix("study 1/") })
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is killed, and goes on where it was`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            let state = past.states[0]
            let arguments = Self.line + ["--at", state.at, "--max-workers", "1"]
            // Each put takes a while, so that it is still under way when it is killed.
            past.backup.plan(S3FaultRule(.delay(milliseconds: 30), of: [.put], times: nil))
            let killed = try await past.martlet.run(arguments, ending: .kill) { past.restored.count >= 10 }
            #expect(killed.status == 128 + 9)
            past.backup.clearFaults()
            let done = past.restored.count
            #expect((10..<state.contents.count).contains(done))
            let outcome = try await past.martlet.run(arguments)
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(outcome.output.split(separator: "\n").count <= state.contents.count - done)
            #expect(past.restored == state.contents)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `keeps and names what was written later, unless it may replace it`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            past.backup.put(ByteBuffer(string: "newer"), at: try #require(ObjectKey("rewritten")), in: "production")
            let kept = try await past.martlet.run(Self.line + ["--at", past.states[0].at])
            #expect(kept.status == 3, "\(kept.text)")
            #expect(kept.messages.contains("1 object of backup/production were written later and kept"))
            #expect(kept.text.contains("kept `backup/production/rewritten`"), "\(kept.text)")
            #expect(past.restored["rewritten"] == "newer")
            let unasked = try await past.martlet.run(Self.line + ["--at", past.states[0].at, "--overwrite"])
            #expect(unasked.status == 2, "\(unasked.text)")
            #expect(past.restored["rewritten"] == "newer")
            let replaced = try await past.martlet.run(Self.line + ["--at", past.states[0].at, "--overwrite", "--yes"])
            #expect(replaced.status == 0, "\(replaced.messages)")
            #expect(past.restored == past.states[0].contents)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `fails by name where the backup has lost bytes, or has others`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            past.backup.plan(
                S3FaultRule(.refuse(status: 404, code: "NoSuchKey"), of: [.get], prefix: "many/7", times: nil),
                S3FaultRule(.flip(at: 2), of: [.get], prefix: "study 1/", times: nil))
            let outcome = try await past.martlet.run(Self.line + ["--at", past.states[0].at])
            #expect(outcome.status == 3, "\(outcome.text)")
            #expect(outcome.messages.contains("many/7: "), "\(outcome.messages)")
            #expect(outcome.messages.contains("study 1/größe 0: "), "\(outcome.messages)")
            #expect(outcome.messages.contains("existed and are not in the backup any more"))
            let lost = past.states[0].contents.filter { $0.key.hasPrefix("many/7") || $0.key.hasPrefix("study 1/") }
            #expect(past.restored == past.states[0].contents.filter { lost[$0.key] == nil })
            past.backup.clearFaults()
            #expect(try await past.martlet.run(Self.line + ["--at", past.states[0].at]).status == 0)
            #expect(past.restored == past.states[0].contents)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `ends with the exit code that says why`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            past.backup.makeBucket("without")
            let cases: [([String], Int32)] = [
                (["bucket", "restore", "backup/without", "--at", "1h", "--to", "backup/production"], 5),
                (["bucket", "restore", "backup/no-such-bucket", "--to", "backup/production"], 5),
                (["bucket", "restore", "backup/backup", "--to", "backup/no-such-bucket"], 5),
                (Self.line + ["--at", "yesterday"], 2), (["bucket", "restore", "backup/backup"], 2),
                (Self.line + ["--delete-extra"], 2),
            ]
            for (arguments, status) in cases {
                let outcome = try await past.martlet.run(arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome.text)")
            }
            past.backup.plan(S3FaultRule(.hang, of: [.put], times: nil))
            let before = past.backup.count(.put)
            let stopped = try await past.martlet.run(Self.line, ending: .terminate) { past.backup.count(.put) > before }
            #expect(stopped.status == 130, "\(stopped.messages)")
        }
    }
}
