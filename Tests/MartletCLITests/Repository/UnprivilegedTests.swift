import Glibc
import MartletTestSupport
import Testing

private let setpriv = "/usr/bin/setpriv"

/// The program as somebody who may not do everything: `nobody`, where root runs the tests.
@Suite(.enabled(if: getuid() == 0 && access(setpriv, X_OK) == 0, "needs root and setpriv, to be somebody else"))
struct `Somebody without privileges` {
    private static let nobody: UInt32 = 65_534

    /// The program where everybody may run it: what is built may lie in a home.
    private func openProgram(in folder: String) throws -> String {
        let path = folder + "/martlet"
        let run = try SharedRepository.Run(
            ["/bin/cp", MartletProcess.program, path], in: nil, environment: ["PATH": "/usr/bin:/bin"])
        #expect(run.exitCode == 0 && chmod(path, 0o755) == 0 && chmod(folder, 0o755) == 0, "\(run)")
        return path
    }

    private func give(_ path: String) throws {
        let run = try SharedRepository.Run(
            ["/bin/chown", "-R", "\(Self.nobody):\(Self.nobody)", path], in: nil, environment: ["PATH": "/usr/bin:/bin"]
        )
        #expect(run.exitCode == 0, "\(run)")
    }

    /// Runs `command` as nobody.
    private func run(_ command: [String], _ shared: SharedRepository) throws -> SharedRepository.Run {
        let identity = ["--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups"]
        return try SharedRepository.Run(
            [setpriv] + identity + command, in: nil,
            environment: [
                "RESTIC_REPOSITORY": shared.place, "RESTIC_PASSWORD": SharedRepository.password,
                "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": shared.place,
            ])
    }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw MissingFixture(path: path) }
        return status
    }

    @Test func `gets back everything but owners and devices`() async throws {
        try await SharedRepository.with(ResticProgram(path: "/usr/bin/restic")) { shared in
            try await shared.initialize()
            try shared.write("of somebody", to: "d/file")
            try shared.write("set-user-id", to: "program")
            #expect(symlink("d/file", shared.source + "/link") == 0 && mkfifo(shared.source + "/pipe", 0o620) == 0)
            #expect(mknod(shared.source + "/device", S_IFCHR | 0o600, 0x103) == 0)
            for path in ["d", "d/file"] { #expect(chown("\(shared.source)/\(path)", 1000, 1000) == 0) }
            #expect(chmod(shared.source + "/d/file", 0o640) == 0 && chmod(shared.source + "/program", 0o4755) == 0)
            #expect(chmod(shared.source + "/d", 0o750) == 0)
            try shared.setTime("d", 1_770_000_000)
            try shared.byMartlet("backup", ".", in: shared.source)
            let program = try openProgram(in: shared.folder)
            try give(shared.place)
            let target = shared.folder + "/target"
            #expect(mkdir(target, 0o755) == 0)
            try give(target)

            let whole = try run([program, "repo", "restore", "latest", "--target", target, "--verify"], shared)
            #expect(whole.exitCode == 1 && whole.errors.contains("warning: /device"), "\(whole)")
            #expect(whole.output.hasSuffix("1 items are not as in the snapshot: see above\n"), "\(whole)")
            for path in ["d", "d/file", "program", "link", "pipe"] {
                let (before, after) = (try status("\(shared.source)/\(path)"), try status("\(target)/\(path)"))
                #expect(after.st_uid == Self.nobody && after.st_gid == Self.nobody, "\(path)")
                #expect(after.st_mode == before.st_mode, "\(path)")
                #expect(after.st_mtim.tv_sec == before.st_mtim.tv_sec, "\(path)")
            }
            let rest = try run(
                [program, "repo", "restore", "latest", "--target", target, "--exclude", "device"], shared)
            #expect(rest.exitCode == 0, "\(rest)")
        }
    }

    @Test(.enabled(if: !ResticProgram.all.isEmpty, "needs restic"))
    func `saves what it may read, as restic does, and is told of the rest`() async throws {
        try await SharedRepository.with(ResticProgram(path: "/usr/bin/restic")) { shared in
            try await shared.initialize()
            try shared.write("for everybody", to: "open/file")
            try shared.write("for root", to: "open/secret")
            try shared.write("for root", to: "closed/file")
            #expect(chmod(shared.source + "/open/secret", 0o600) == 0 && chmod(shared.source + "/closed", 0o700) == 0)
            let program = try openProgram(in: shared.folder)
            try give(shared.place)
            let theirs = try run(
                ["/usr/bin/restic", "--no-cache", "backup", shared.source, "--host", "restic"], shared)
            let ours = try run([program, "repo", "backup", shared.source, "--host", "martlet"], shared)
            #expect(ours.exitCode == 3 && theirs.exitCode == 3, "\(ours)\n\(theirs)")
            for path in ["open/secret", "closed"] {
                #expect(ours.errors.contains("\(shared.source)/\(path)"), "\(ours)")
            }
            let lists = try ["restic", "martlet"].map {
                try shared.byMartlet("ls", "latest", "--host", $0).output
            }
            #expect(lists[0] == lists[1])
            #expect(lists[1].contains("/open/file\n"))
        }
    }
}
