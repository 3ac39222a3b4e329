import Glibc
import MartletTestSupport
import Testing

/// Damage is found, shown, and repaired as far as it can be; restic judges the result.
@Suite(.enabled(if: !ResticProgram.all.isEmpty, "needs restic")) struct `Repairing a repository` {
    private func files(_ shared: SharedRepository, _ kind: String) -> [String] {
        var paths: [String] = []
        var folders = ["\(shared.place)/\(kind)"]
        while let folder = folders.popLast() {
            guard let stream = opendir(folder) else { continue }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
                }
                if name.hasPrefix(".") { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    folders.append("\(folder)/\(name)")
                } else {
                    paths.append("\(folder)/\(name)")
                }
            }
            closedir(stream)
        }
        return paths.sorted()
    }

    /// Flips the bits of one byte.
    private func spoil(_ path: String, at offset: Int) throws {
        chmod(path, 0o600)
        let file = open(path, O_RDWR)
        guard file >= 0 else { throw MissingFixture(path: path) }
        defer { close(file) }
        var byte: UInt8 = 0
        #expect(pread(file, &byte, 1, offset) == 1)
        byte ^= 0xFF
        #expect(pwrite(file, &byte, 1, offset) == 1)
    }

    @Test(arguments: ResticProgram.all)
    func `makes the index anew from the packs`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let blobs = try shared.ids("blobs")
            for path in files(shared, "index") { #expect(unlink(path) == 0) }
            #expect(try shared.martlet(["check"]).exitCode == 13)
            let plan = try shared.byMartlet("repair", "index", "--dry-run")
            #expect(
                plan.output.contains("would be indexed: the pack ") && plan.output.hasSuffix("nothing was changed\n"))
            #expect(files(shared, "index").isEmpty && files(shared, "locks").isEmpty)
            let repair = try shared.byMartlet("repair", "index")
            #expect(repair.output.hasSuffix("the index is repaired\n"), "\(repair)")
            #expect(try shared.ids("blobs") == blobs)
            #expect(try shared.byMartlet("repair", "index").output == "the index is right as it is\n")
            try shared.expectClean()
            let all = try shared.byMartlet("repair", "index", "--read-all-packs", "--json")
            #expect(
                all.output.hasPrefix(#"{"message_type":"summary","damaged_index_files":[],"indexed_packs":[""#),
                "\(all)")
            try shared.expectClean()
        }
    }

    @Test(arguments: ResticProgram.all)
    func `saves what a damaged pack still holds, and what snapshots still have`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let id = try #require(
                files(shared, "data").first { path in
                    let id = path.suffix(64)
                    return (try? shared.byMartlet("find", "--pack", String(id)).output.contains("Found blob")) == true
                }
            ).suffix(64)
            let pack = String(id)
            try spoil("\(shared.place)/data/\(pack.prefix(2))/\(pack)", at: 20)
            let check = try shared.martlet(["check", "--read-data"])
            #expect(check.exitCode == 13 && check.errors.contains("repair packs \(pack)"), "\(check)")
            #expect(try shared.martlet(["repair", "packs", pack]).exitCode == 2)
            let plan = try shared.byMartlet("repair", "packs", pack, "--dry-run", in: shared.folder)
            #expect(plan.output.contains("would remove the pack \(pack)"), "\(plan)")
            #expect(access("\(shared.folder)/pack-\(pack)", F_OK) != 0)
            let repair = try shared.byMartlet("repair", "packs", String(pack.prefix(10)), "--yes", in: shared.folder)
            #expect(repair.output.contains("removed the pack \(pack)") && repair.output.contains("1 lost"), "\(repair)")
            #expect(access("\(shared.folder)/pack-\(pack)", F_OK) == 0)
            let shown = try shared.byMartlet("repair", "snapshots", "--dry-run")
            #expect(shown.output.contains("would be repaired"), "\(shown)")
            #expect(try shared.ids("snapshots").count == 2)
            let mended = try shared.byMartlet("repair", "snapshots", "--forget", "--yes", "--json")
            #expect(mended.output.contains(#"{"message_type":"changed","old_snapshot_id":""#), "\(mended)")
            #expect(try shared.ids("snapshots").count == 2)
            try shared.expectClean()
            #expect(try shared.byMartlet("repair", "snapshots").output == "no snapshots were modified\n")
        }
    }

    @Test(arguments: ResticProgram.all)
    func `removes a snapshot that cannot be read when it is told to`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let path = try #require(files(shared, "snapshots").first)
            try spoil(path, at: 30)
            let told = try shared.byMartlet("repair", "snapshots")
            #expect(told.errors.contains("--forget removes it"), "\(told)")
            let run = try shared.byMartlet("repair", "snapshots", "--forget", "--yes")
            #expect(run.output.hasSuffix("modified 1 snapshots\n"), "\(run)")
            #expect(files(shared, "snapshots").count == 1)
            try shared.expectClean()
        }
    }

    @Test(arguments: ResticProgram.all)
    func `finds folders that no snapshot has any more`(restic: ResticProgram) async throws {
        try await SharedRepository.with(restic) { shared in
            try await shared.makeTwoSnapshots()
            let nothing = try shared.byMartlet("recover")
            #expect(nothing.output == "there is nothing to recover: every folder belongs to a snapshot\n")
            for path in files(shared, "snapshots") { #expect(unlink(path) == 0) }
            #expect(try shared.byMartlet("recover", "--dry-run").output == "there are folders to recover\n")
            #expect(files(shared, "snapshots").isEmpty)
            let recovered = try shared.byMartlet("recover")
            #expect(recovered.output.hasPrefix("saved new snapshot "), "\(recovered)")
            let list = try shared.byRestic("snapshots", "--json").output
            #expect(list.contains(#""paths":["/recover"]"#) && list.contains(#""tags":["recovered"]"#), "\(list)")
            let found = try shared.byRestic("find", "file.txt")
            #expect(
                found.output.split(separator: "\n").count(where: { $0.hasSuffix("/source/a/b/file.txt") }) == 2,
                "\(found)")
            try shared.expectClean()
        }
    }
}
