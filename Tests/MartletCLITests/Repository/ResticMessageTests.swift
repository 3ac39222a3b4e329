import Glibc
import MartletTestSupport
import Testing

/// The JSON that programs read is restic's: the same members in the same order, the same values where they can be.
@Suite(.enabled(if: ResticProgram.all.contains { !$0.isOld }, "needs a restic of today"))
struct `JSON of the repository commands` {
    private static let newer = ResticProgram.all.filter { !$0.isOld }

    /// The names of the members of a line, those of objects in it too, in their order.
    private func members(_ line: some StringProtocol) -> [String] {
        line.split(separator: #"":"#).dropLast().map {
            String($0.split(separator: "\"", omittingEmptySubsequences: false).last ?? "")
        }
    }

    private func lastLine(_ run: SharedRepository.Run) -> Substring { run.output.split(separator: "\n").last ?? "" }

    @Test(arguments: newer) func `says the same of what is there`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let names = try shared.snapshots()
            for line in [
                ["snapshots"], ["snapshots", "latest"], ["snapshots", "--group-by", "host"],
                ["snapshots", "--group-by", "paths", "--latest", "1"], ["snapshots", "--tag", "one,two"],
                ["ls", names[0]], ["stats"], ["stats", "--mode", "raw-data"],
                ["stats", "--mode", "files-by-contents", "latest"],
                ["check"], ["forget", "--keep-last", "1", "--dry-run"],
                ["forget", "--keep-last", "1", "--group-by", "", "--dry-run"],
                ["forget", "--keep-within-daily", "3d", "--keep-tag", "one", "--dry-run"],
            ] {
                let theirs = try shared.restic(line + ["--json", "--no-lock"])
                let ours = try shared.martlet(line + ["--json"])
                #expect(ours.exitCode == theirs.exitCode && ours.output == theirs.output, "\(ours)\n\(theirs)")
            }
        }
    }

    @Test(arguments: newer) func `has the same members where values differ`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            for line in [
                ["backup", "source", "--force"], ["restore", "latest", "--target", "TARGET"],
                ["restore", "latest:source/d", "--target", "TARGET2", "--verify"], ["cat", "config"],
            ] {
                func run(_ who: String) -> [String] {
                    line.map { $0.hasPrefix("TARGET") ? "\(who)-\($0)" : $0 } + ["--json"]
                }
                let theirs = try shared.restic(run("restic"), in: shared.folder)
                let ours = try shared.martlet(run("martlet"), in: shared.folder)
                #expect(ours.exitCode == theirs.exitCode, "\(ours)\n\(theirs)")
                let wanted = members(lastLine(theirs)).filter { $0 != "seconds_elapsed" }
                #expect(members(lastLine(ours)).filter { $0 != "seconds_elapsed" } == wanted, "\(ours)\n\(theirs)")
            }
        }
    }

    @Test(arguments: newer) func `says why nothing was done`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            for wrong in ["missing", "password"] {
                var shared = shared
                if wrong == "password" {
                    try await shared.initialize()
                    shared.environment["RESTIC_PASSWORD"] = "wrong"
                }
                let theirs = try shared.restic(["snapshots", "--json"])
                let ours = try shared.martlet(["snapshots", "--json"])
                #expect(ours.exitCode == theirs.exitCode && ours.output == theirs.output)
                let start = #"{"message_type":"exit_error","code":\#(theirs.exitCode),"message":"Fatal: "#
                #expect(ours.errors.hasPrefix(start) && theirs.errors.hasPrefix(start), "\(ours)\n\(theirs)")
            }
        }
    }
}
