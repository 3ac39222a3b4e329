import Glibc
import MartletTestSupport
import Testing

/// The flags of `backup` choose what restic's choose: both make the same tree.
@Suite(.enabled(if: !ResticProgram.all.isEmpty, "needs restic")) struct `Options of repo backup` {
    private func fill(_ shared: SharedRepository) throws {
        for (path, text) in [
            ("keep.txt", "kept"), ("Upper.TXT", "upper"), ("logs/a.log", "log"), ("logs/deep/b.log", "log"),
            ("logs/deep/c.txt", "text"), ("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"),
            ("cache/data", "cached"), ("marked/.nobackup", "why"), ("marked/data", "data"), ("odd name/[x].txt", "odd"),
            ("large", String(repeating: "0123456789abcdef", count: 256)),
        ] { try shared.write(text, to: path) }
        let lists = [
            "excludes": "# a comment\n\n  *.log  \n/nowhere\n$NAME\n!logs/deep/b.log\n",
            "iexcludes": "*.txt\n", "files": "# these\nsource/logs/*\n  source/keep.txt  \nsource/nothing-*\n",
            "verbatim": "source/odd name/[x].txt\nsource/keep.txt\n", "raw": "source/logs\0source/large\0",
        ]
        for (name, text) in lists {
            guard let file = fopen("\(shared.folder)/\(name)", "wb") else { throw MissingFixture(path: name) }
            _ = text.utf8.withContiguousStorageIfAvailable { fwrite($0.baseAddress, 1, $0.count, file) }
            fclose(file)
        }
    }

    /// The root tree of the only snapshot with this tag.
    private func tree(_ shared: SharedRepository, _ tag: String) throws -> String {
        let text = try shared.byMartlet("snapshots", "--json", "--no-lock", "--tag", tag).output
        return text.split(separator: #""tree":""#).dropFirst().map { String($0.prefix(64)) }.joined(separator: " ")
    }

    @Test(arguments: ResticProgram.all)
    func `choose the same files as restic's`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            var shared = shared
            shared.environment["NAME"] = "large"
            try await shared.initialize()
            try fill(shared)
            let lines: [[String]] = [
                ["source"], ["source", "--exclude-file", "excludes"], ["source", "--iexclude", "*.TXT"],
                ["source", "--iexclude-file", "iexcludes", "--exclude", "logs"], ["source", "--exclude-caches"],
                ["source", "--exclude-if-present", ".nobackup"], ["source", "--exclude-if-present", ".nobackup:who"],
                ["source", "--exclude-larger-than", "1K"], ["--files-from", "files"],
                ["--files-from-verbatim", "verbatim"],
                ["--files-from-raw", "raw"], ["--files-from", "files", "source/large", "--one-file-system"],
            ]
            for (place, line) in lines.enumerated() {
                let arguments = ["backup", "--host", "h", "--force"] + line + ["--tag"]
                for (program, run) in [
                    ("restic", try shared.restic(arguments + ["restic-\(place)"], in: shared.folder)),
                    ("martlet", try shared.martlet(arguments + ["martlet-\(place)"], in: shared.folder)),
                ] {
                    #expect(run.exitCode == 0, "\(program): \(run)")
                }
                let trees = [try tree(shared, "restic-\(place)"), try tree(shared, "martlet-\(place)")]
                #expect(trees[0] == trees[1] && trees[0].utf8.count == 64, "\(line): \(trees)")
            }
            try shared.expectClean()
        }
    }

    @Test(arguments: ResticProgram.all)
    func `compare with the same snapshot as restic's`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.initialize()
            try shared.write("text", to: "file")
            try shared.write("text", to: "d/file")
            for (number, line) in [
                ["source", "--host", "a", "--tag", "x"], ["source", "--host", "b"], ["source/d", "--host", "a"],
                ["source", "source/d", "--host", "a", "--time", "2027-01-01 00:00:00"],
            ].enumerated() {
                let run = try shared.martlet(
                    ["backup", "--time", "2026-11-0\(number + 1) 10:00:00"] + line, in: shared.folder)
                #expect(run.exitCode == 0, "\(run)")
            }
            var lines = [["--host", "a"], ["--host", "b"], ["--host", "c"], ["--host", "a", "--force"]]
            if !restic.isOld {
                lines += ["", "host", "tags", "host,tags", "paths"].map {
                    ["--host", "c", "--group-by", $0, "--tag", "x"]
                }
            }
            for line in lines {
                var parents: [String] = []
                for byMartlet in [true, false] {
                    let arguments = ["backup", "source", "--time", "2026-12-01 10:00:00", "--json"] + line
                    let run =
                        try byMartlet
                        ? shared.martlet(arguments, in: shared.folder) : shared.restic(arguments, in: shared.folder)
                    #expect(run.exitCode == 0, "\(run)")
                    let rest = try #require(run.output.split(separator: #""snapshot_id":""#).last)
                    let id = String(rest.prefix { $0 != "\"" })
                    let snapshot = try shared.byMartlet("cat", "snapshot", id, "--no-lock").output
                    parents.append(
                        snapshot.split(separator: "\n").first { $0.contains(#""parent""#) }.map { String($0) } ?? "none"
                    )
                    try shared.byMartlet("forget", id)
                }
                #expect(parents[0] == parents[1], "\(line)")
            }
        }
    }

    @Test(arguments: ResticProgram.all)
    func `take standard input, and the output of a program that succeeds`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.initialize()
            let variables = [
                "RESTIC_REPOSITORY": shared.place, "RESTIC_PASSWORD": SharedRepository.password,
                "PATH": "/usr/bin:/bin",
            ]
            let run = try SharedRepository.Run(
                [
                    "/bin/sh", "-c",
                    "printf 'from outside' | \"$0\" repo backup --stdin --stdin-filename /a/b.txt --json",
                    MartletProcess.program,
                ], in: nil, environment: variables)
            #expect(run.exitCode == 0 && run.output.contains(#""total_bytes_processed":12,"#), "\(run)")
            #expect(try shared.byRestic("dump", "latest", "/a/b.txt").output == "from outside")
            let program = ["backup", "--stdin-from-command", "--stdin-filename", "c", "--", "/bin/sh", "-c"]
            #expect(try shared.martlet(program + ["echo printed"]).exitCode == 0)
            #expect(try shared.byRestic("dump", "latest", "/c").output == "printed\n")
            let before = try shared.ids("snapshots")
            #expect(before.count == 2)
            let failed = try shared.martlet(program + ["echo half; exit 3"])
            #expect(failed.exitCode == 1 && failed.errors.contains("ended with exit code 3"), "\(failed)")
            let missing = try shared.martlet(["backup", "--stdin-from-command", "--", "no-such-program"])
            #expect(missing.exitCode == 1 && missing.errors.contains("cannot be started"), "\(missing)")
            #expect(try shared.ids("snapshots") == before)
            try shared.expectClean()
        }
    }

    @Test(arguments: ResticProgram.all)
    func `leave nothing behind of what is dry or unchanged`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.initialize()
            try shared.write("text", to: "file")
            let dry = try shared.byMartlet("backup", "source", "--dry-run", "--json", in: shared.folder)
            #expect(
                dry.output.hasSuffix(#","dry_run":true}"# + "\n") && dry.output.contains(#""files_new":1,"#), "\(dry)")
            #expect(try shared.ids("packs").isEmpty)
            try shared.byMartlet("backup", "source", "--quiet", in: shared.folder)
            #expect(try shared.byMartlet("backup", "source", "--quiet", "--force", in: shared.folder).output.isEmpty)
            let count = try shared.ids("snapshots").count
            let skipped = try shared.byMartlet("backup", "source", "--skip-if-unchanged", "--json", in: shared.folder)
            #expect(
                !skipped.output.contains("snapshot_id") && skipped.output.contains(#""files_unmodified":1,"#),
                "\(skipped)")
            let named = try shared.byMartlet("backup", "source", "-vv", in: shared.folder)
            #expect(named.output.contains("unchanged \(shared.source)/file\n"), "\(named)")
            #expect(try shared.ids("snapshots").count == count + 1)
        }
    }
}
