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

    @Test func `two snapshots are compared`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/same", "/gone"] { try TestFolder.make(folder + path) }
            for name in ["same/a", "gone/b", "content", "kind", "touched"] {
                try TestFolder.write(name, to: "\(folder)/\(name)")
            }
            let repository = try await TestRepository()
            let old = try await repository.backUp(folder).snapshot.tree
            try TestFolder.remove(folder + "/gone/b")
            try TestFolder.remove(folder + "/gone")
            try TestFolder.write("CONTENT+", to: folder + "/content")
            try TestFolder.remove(folder + "/kind")
            try TestFolder.link(folder + "/kind", to: "somewhere")
            try TestFolder.setTime(folder + "/touched", seconds: 7)
            try TestFolder.write("new", to: folder + "/new")
            let new = try await repository.backUp(folder).snapshot.tree
            var lines: [String] = []
            let summary = try await SnapshotDifference(trees: repository.trees, comparesMetadata: true)
                .run(from: old, to: new) { lines.append("\($0.modifier) \($0.path)") }
            #expect(lines == ["M /content", "- /gone", "- /gone/b", "T /kind", "+ /new", "U /touched"])
            #expect(summary.changedFiles == 1)
            #expect(summary.added.files == 1 && summary.removed.files == 1 && summary.removed.folders == 1)
            #expect(summary.added.bytes == 3 && summary.removed.bytes == 6)
            #expect(summary.addedBlobs.filter { $0.kind == .data }.count == 2)
            let none = try await SnapshotDifference(trees: repository.trees).run(from: new, to: new) { _ in
                Issue.record("a difference from itself")
            }
            #expect(none == SnapshotDifference.Summary())
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
            #expect(node.content.map { $0.count > 4 } == true)
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
            let before = try TreeListing(of: folder + "/source").withoutHardLinks
            let differences = try TreeListing(of: folder + "/back").withoutHardLinks.differences(from: before)
            #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
        }
    }
}
