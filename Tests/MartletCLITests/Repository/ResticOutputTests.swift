import MartletTestSupport
import Testing

/// What `martlet repo` prints is what restic prints, byte for byte, where scripts read it.
@Suite(.enabled(if: !ResticProgram.all.isEmpty, "needs restic")) struct `Output of the repository commands` {
    @Test(arguments: ResticProgram.all)
    func `is restic's, of diff, find and dump`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let names = try shared.snapshots()
            let blob = try #require(shared.ids("blobs").first { $0.hasPrefix("data ") }).dropFirst(5)
            let tree = try #require(shared.ids("blobs").first { $0.hasPrefix("tree ") }).dropFirst(5)
            let packs = try shared.ids("packs")
            var lines: [[String]] = [
                ["diff"] + names, ["diff", "--metadata"] + names, ["find", "file.txt"], ["find", "-i", "other.txt"],
                ["find", "b/file*", "/source/d"], ["find", "-l", "*.TXT"],
                ["find", "--long", "--newest", "2024-01-01", "e*"],
                ["find", "--snapshot", names[0], "same"], ["find", "nothing"], ["find", "--json", "nothing"],
                ["find", "--blob", String(blob)], ["find", "--blob", "--json", String(blob)],
                ["dump", "latest", "/source/Other.TXT"], ["dump", names[0], "source/a/b/file.txt"],
            ]
            // What the old one had not yet, or said otherwise.
            if !restic.isOld {
                // The old one does not find the tree of a snapshot itself.
                lines += [["find", "--tree", String(tree)], ["find", "--tree", "--json", String(tree)]]
                lines += packs.flatMap { [["find", "--pack", $0], ["find", "--pack", "--json", $0]] }
                lines += [
                    ["diff", "--json"] + names, ["find", "--reverse", "file.txt"], ["find", "--json", "*"],
                    ["diff", names[0] + ":source/a", names[1] + ":source/a"],
                ]
            }
            for var line in lines {
                // The old one searches snapshots in any order.
                if restic.isOld, line[0] == "find", !line.contains("--snapshot") { line += ["--snapshot", names[1]] }
                let theirs = try shared.restic(line + ["--no-lock"])
                let ours = try shared.martlet(line + ["--no-lock"])
                #expect(ours.exitCode == theirs.exitCode, "\(ours)\n\(theirs)")
                #expect(ours.output == theirs.output, "\(ours)\n\(theirs)")
            }
        }
    }

    @Test(arguments: ResticProgram.all)
    func `of tag is what restic makes of tags`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let plan = try shared.byMartlet("tag", "--add", "x", "--dry-run")
            #expect(plan.output.hasSuffix("would modify 2 snapshots\n"), "\(plan)")
            let before = try shared.ids("snapshots")
            #expect(
                try shared.byMartlet("tag", "--remove", "nobody", "latest").output == "no snapshots were modified\n")
            #expect(try shared.ids("snapshots") == before)
            let changed = try shared.byMartlet("tag", "--json", "--add", "x,y", "--remove", "one", "--tag", "two")
            #expect(
                changed.output.hasPrefix(
                    #"{"message_type":"changed","old_snapshot_id":"\#(before.first { changed.output.contains($0) } ?? "?")","#
                ))
            #expect(changed.output.hasSuffix(#"{"message_type":"summary","changed_snapshots":1}"# + "\n"))
            let list = try shared.byRestic("snapshots", "--json").output
            #expect(list.contains(#""tags":["two","x","y"]"#) && list.contains(#""original":""#), "\(list)")
            // The old one's tags are gone, and restic finds nothing to do.
            try shared.byMartlet("tag", "--set", "")
            #expect(!(try shared.byRestic("snapshots", "--json").output.contains(#""tags""#)))
            try shared.expectClean()
        }
    }

    @Test(arguments: ResticProgram.all)
    func `of copy names what was copied, and neither program copies it again`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            var second = shared
            second.place = shared.folder + "/second"
            second.ownPlace = second.place
            second.environment["RESTIC_FROM_PASSWORD"] = SharedRepository.password
            try second.byMartlet("init", "--copy-chunker-params", "--from-repo", shared.place)
            let plan = try second.byMartlet("copy", "--from-repo", shared.place, "--dry-run")
            #expect(plan.output.split(separator: "\n").count == 2 && plan.output.hasPrefix("would copy "), "\(plan)")
            #expect(try second.ids("packs").isEmpty)
            let copied = try second.byMartlet("copy", "--from-repo", shared.place)
            #expect(copied.output.contains("saved, copied from source snapshot "), "\(copied)")
            #expect(try second.ids("snapshots").count == 2)
            #expect(try second.ids("blobs") == shared.ids("blobs"))
            let again = try second.byMartlet("copy", "--from-repo", shared.place, "--json")
            #expect(
                again.output.hasSuffix(#"{"message_type":"summary","copied_snapshots":0,"skipped_snapshots":2}"# + "\n")
            )
            if !restic.isOld {
                try second.byRestic("copy", "--from-repo", shared.place)
                #expect(try second.ids("snapshots").count == 2)
            }
            try second.expectClean()
        }
    }
}
