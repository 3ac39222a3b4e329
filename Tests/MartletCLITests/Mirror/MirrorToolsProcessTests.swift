import FoundationEssentials
import MartletTestSupport
import NIOCore
import ObjectStorage
import Subprocess
import Testing

/// `martlet mirror verify`, `history` and `thin`, and how a pass ends when it is told to, as processes.
@Suite(.serialized) struct `What belongs to a mirror, as processes` {
    @Test(.timeLimit(.minutes(2)))
    func `verify names each difference, reads what it is told to, and says how many`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            let line = ["mirror", "verify", "source/data", "backup/backup"]
            let equal = try await past.martlet.run(line)
            #expect(equal.status == 0, "\(equal.text)")
            #expect(equal.output == "")
            past.backup.put(ByteBuffer(string: "extra"), at: try #require(ObjectKey("extra")), in: "backup")
            past.backup.put(ByteBuffer(string: "VALUE 1"), at: try #require(ObjectKey("many/1")), in: "backup")
            past.backup.put(ByteBuffer(string: "v2"), at: try #require(ObjectKey("many/2")), in: "backup")
            past.backup.delete(try #require(ObjectKey("many/3")), in: "backup")
            let different = try await past.martlet.run(line)
            #expect(different.status == 3, "\(different.text)")
            #expect(
                Set(different.output.split(separator: "\n")) == [
                    "> extra", "? many/1", "! many/2 (7 bytes, 2 bytes)", "< many/3",
                ], "\(different.text)")
            let json = try await past.martlet.run(line + ["--json"])
            #expect(json.status == 3)
            #expect(
                json.output.contains(#""type":"summary""#) && json.output.contains(#""unproven":1"#), "\(json.text)")
            // What lies in the store is other than its tag says: only reading tells.
            past.backup.plan(S3FaultRule(.flip(at: 0), of: [.get], prefix: "many/5", times: nil))
            let read = try await past.martlet.run(line + ["--content"])
            #expect(read.status == 3, "\(read.text)")
            let lines = read.output.split(separator: "\n")
            for line in ["! many/1 (content)", "! many/5 (content)", "! many/50 (content)"] {
                #expect(lines.contains(Substring(line)), "\(read.text)")
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `history proves the chain, and tells when it was altered`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            let whole = try await past.martlet.run("mirror", "history", "backup/backup")
            #expect(whole.status == 0, "\(whole.text)")
            #expect(whole.output.contains("in 3 segments, whole and in order"), "\(whole.text)")
            let json = try await past.martlet.run("mirror", "history", "--json", "backup/backup")
            #expect(json.output.contains(#""segments":3"#) && json.output.contains(#""head":""#), "\(json.text)")
            let none = try await past.martlet.run("mirror", "history", "backup/production")
            #expect(none.status == 0 && none.messages.contains("has no history"), "\(none.text)")
            let log = past.backup.keys(in: "backup", prefix: ".martlet/log/")
            #expect(log.count == 3)
            let second = try #require(past.backup.object(log[1], in: "backup"))
            past.backup.put(
                ByteBuffer(string: String(buffer: second.bytes).replacing("state 1", with: "state 9") + " "),
                at: log[1],
                in: "backup")
            #expect(try await past.martlet.run("mirror", "history", "backup/backup").status == 13)
            past.backup.delete(log[1], in: "backup")
            let missing = try await past.martlet.run("mirror", "history", "backup/backup")
            #expect(missing.status == 13 && missing.messages.contains("segment 2"), "\(missing.text)")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `thin shows what would go, asks, and removes old versions alone`() async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            let nothing = try await past.martlet.run("mirror", "thin", "--dry-run", "backup/backup")
            #expect(nothing.status == 0 && nothing.messages.contains("0 versions of"), "\(nothing.text)")
            let all = ["--keep-all", "0s", "--keep-hourly", "0s", "--keep-daily", "0s", "backup/backup"]
            let dry = try await past.martlet.run(["mirror", "thin", "--dry-run"] + all)
            #expect(dry.status == 0 && dry.messages.contains("2 versions of"), "\(dry.text)")
            #expect(try await past.martlet.run(["mirror", "thin"] + all).status == 2)
            let rewritten = try #require(ObjectKey("rewritten"))
            #expect(past.backup.versions(of: rewritten, in: "backup").count == 3)
            let done = try await past.martlet.run(["mirror", "thin", "--yes"] + all)
            #expect(done.status == 0 && done.output.hasPrefix("Removed 2 versions"), "\(done.text)")
            #expect(past.backup.versions(of: rewritten, in: "backup").count == 1)
            #expect(try await past.martlet.run("mirror", "history", "backup/backup").status == 0)
            let line = ["bucket", "restore", "backup/backup", "--to", "backup/production"]
            #expect(try await past.martlet.run(line + ["--at", past.states[2].at]).status == 0)
            let lost = try await past.martlet.run(line + ["--at", past.states[0].at, "--overwrite", "--yes"])
            #expect(lost.status == 3 && lost.messages.contains("rewritten: "), "\(lost.text)")
            let without = try await past.martlet.run("mirror", "thin", "./")
            #expect(without.status == 1 && without.messages.contains("keeps no versions"), "\(without.text)")
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [Signal.interrupt, .terminate])
    func `a pass that is stopped says so, and the next does what is left`(signal: Signal) async throws {
        try await MirroredPast.with(keepsVersions: true) { (past: MirroredPast) async throws -> Void in
            past.backup.plan(S3FaultRule(.hang, of: [.put], prefix: "many/1", times: nil))
            let line = ["mirror", "--history", "off", "source/data", "backup/production"]
            let stopped = try await past.martlet.run(line, ending: signal) { past.backup.faultsMet > 0 }
            #expect(stopped.status == 130, "\(stopped.messages)")
            past.backup.clearFaults()
            #expect(try await past.martlet.run(line).status == 0)
            #expect(past.restored == past.states[2].contents)
        }
    }
}
