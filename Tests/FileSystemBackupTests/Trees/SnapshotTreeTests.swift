import FileSystemBackup
import Glibc
import MartletTestSupport
import NIOCore
import ResticFormat
import ResticRepository
import Testing

/// Looking at snapshots without restoring them.
@Suite struct SnapshotTreeTests {
    @Test func `a path in a snapshot is found or said to be missing`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/d")
            try TestFolder.write("text", to: folder + "/d/file")
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder).snapshot.tree
            let finder = SnapshotPath(trees: repository.trees)
            guard case .item(let node) = try await finder.find("/d/file", in: tree) else {
                Issue.record("no file")
                return
            }
            #expect(node.size == 4)
            guard case .folder(tree, nil) = try await finder.find("/", in: tree) else {
                Issue.record("no root")
                return
            }
            for path: LocalPath in ["/x", "/d/file/x", "/d/x"] {
                let error = await #expect(throws: FileError.self) { try await finder.find(path, in: tree) }
                #expect(error?.code == .notFound)
            }
        }
    }

    @Test func `a file is dumped as its bytes`() async throws {
        try await withTemporaryFolder { folder in
            var random = SeededGenerator(seed: 21)
            let bytes = (0..<1_200_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            try TestFolder.write(bytes, to: folder + "/file")
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder).snapshot.tree
            let node = try #require(try await repository.indexed.loadTree(tree).nodes.first)
            // Where the cuts are depends on the repository's polynomial, which is drawn at random; no chunk has all of it.
            #expect(node.content.map { $0.count > 1 } == true)
            var dumped: [UInt8] = []
            try await SnapshotDump(repository.indexed).file(node) { dumped += Array(buffer: $0) }
            #expect(dumped == bytes)
        }
    }

    /// `tar` itself unpacks what was dumped.
    @Test(.enabled(if: access("/usr/bin/tar", X_OK) == 0, "needs tar"), arguments: UInt64(0)..<30)
    func `a folder is dumped as an archive that tar reads`(seed: UInt64) async throws {
        try await withTemporaryFolder { folder in
            for path in ["/source", "/back"] { try TestFolder.make(folder + path) }
            var generator = TreeGenerator(seed: 9000 + seed)
            try generator.fill(folder + "/source")
            let repository = try await TestRepository()
            guard !(try TreeListing(of: folder + "/source").entries.isEmpty) else { return }
            let tree = try await repository.backUp(folder + "/source").snapshot.tree
            var archive: [UInt8] = []
            try await SnapshotDump(repository.indexed).folder(tree, at: "/") { archive += Array(buffer: $0) }
            #expect(archive.count % 512 == 0)
            try TestFolder.write(archive, to: folder + "/archive.tar")
            let run = try ProgramRun(
                [
                    "/usr/bin/tar", "--extract", "--preserve-permissions", "--numeric-owner", "--xattrs",
                    "--xattrs-include=*", "--acls", "--file", folder + "/archive.tar", "--directory", folder + "/back",
                ], in: nil, environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"])
            #expect(run.exitCode == 0, "seed \(seed): \(run)")
            let before = try TreeListing(of: folder + "/source")
            let differences = try TreeListing(of: folder + "/back").differences(from: before)
            #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
        }
    }

    @Test func `a file with several names is in an archive once`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.write([UInt8](repeating: 7, count: 100_000), to: folder + "/first")
            for name in ["second", "third"] {
                #expect(Glibc.link(folder + "/first", "\(folder)/\(name)") == 0)
            }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder).snapshot.tree
            var archive: [UInt8] = []
            try await SnapshotDump(repository.indexed).folder(tree, at: "/") { archive += Array(buffer: $0) }
            #expect(archive.count < 150_000)
        }
    }

    private static let python = "/usr/bin/python3"

    /// What Python's zip module says of the archive: names, sizes, modes, times, sums of contents.
    private static let zipLister = """
        import sys, zipfile, zlib
        with zipfile.ZipFile(sys.argv[1]) as archive:
            assert archive.testzip() is None
            for entry in archive.infolist():
                print(entry.filename, entry.file_size, oct(entry.external_attr >> 16), entry.date_time[0],
                      zlib.crc32(archive.read(entry)))
        """

    @Test(.enabled(if: access(python, X_OK) == 0, "needs python3"))
    func `a folder is dumped as a zip archive that others read`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            try TestFolder.make(folder + "/source/d")
            try TestFolder.write("123456789", to: folder + "/source/d/digits")
            try TestFolder.write([], to: folder + "/source/empty")
            try TestFolder.write([UInt8](repeating: 0x61, count: 3_000_000), to: folder + "/source/large")
            try TestFolder.link(folder + "/source/link", to: "d/digits")
            try TestFolder.write("ü", to: folder + "/source/ü")
            #expect(chmod(folder + "/source/large", 0o700) == 0)
            for name in ["d/digits", "d", "empty", "large", "link", "ü"] {
                try TestFolder.setTime("\(folder)/source/\(name)", seconds: 1_790_000_000)
            }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/source").snapshot.tree
            var archive: [UInt8] = []
            try await SnapshotDump(repository.indexed).folder(tree, at: "/up", as: .zip) {
                archive += Array(buffer: $0)
            }
            #expect(archive.count < 20_000)
            try TestFolder.write(archive, to: folder + "/archive.zip")
            let run = try ProgramRun(
                [SnapshotTreeTests.python, "-c", SnapshotTreeTests.zipLister, folder + "/archive.zip"], in: nil,
                environment: ["PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"])
            // 3421780262 is the sum that every description of CRC-32 gives for these digits.
            #expect(
                run.output == """
                    up/d/ 0 0o40755 2026 0
                    up/d/digits 9 0o100644 2026 3421780262
                    up/empty 0 0o100644 2026 0
                    up/large 3000000 0o100700 2026 3702683626
                    up/link 8 0o120777 2026 1822016332
                    up/ü 2 0o100644 2026 1675192789

                    """, "\(run)")
        }
    }
}
