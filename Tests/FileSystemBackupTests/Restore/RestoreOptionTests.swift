import FileSystemBackup
import Glibc
import MartletTestSupport
import ResticFormat
import ResticRepository
import Synchronization
import Testing

/// What a restore does with what is there already, and with a part of a snapshot.
@Suite struct RestoreOptionTests {
    /// Overwrite mode, the content of a file that was older, newer, of equal size and time, and missing.
    static let overwrites: [(RestoreOptions.Overwrite, older: String, newer: String, alike: String)] = [
        (.always, "snap", "snap", "snap"), (.ifChanged, "snap", "snap", "LIKE"), (.ifNewer, "snap", "NEWER", "LIKE"),
        (.never, "OLDER", "NEWER", "LIKE"),
    ]

    @Test(arguments: overwrites) func `existing files are treated as asked for`(
        overwrite: RestoreOptions.Overwrite, older: String, newer: String, alike: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            try TestFolder.make(folder + "/target")
            let names = ["older", "newer", "alike", "missing"]
            for name in names {
                try TestFolder.write("snap", to: "\(folder)/source/\(name)")
                try TestFolder.setTime("\(folder)/source/\(name)", seconds: 1000)
            }
            for (name, text, seconds) in [("older", "OLDER", 500), ("newer", "NEWER", 1500), ("alike", "LIKE", 1000)] {
                try TestFolder.write(text, to: "\(folder)/target/\(name)")
                try TestFolder.setTime("\(folder)/target/\(name)", seconds: seconds)
            }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/source").snapshot.tree
            let counts = try await repository.restore(tree, to: folder + "/target") { $0.overwrite = overwrite }
            #expect(counts.problems == 0)
            let texts = names.map { TestFolder.text("\(folder)/target/\($0)") }
            #expect(texts == [older, newer, alike, "snap"])
            #expect(counts.filesRestored + counts.filesSkipped == 4)
        }
    }

    @Test func `what differs is written, what is equal is not`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            var random = SeededGenerator(seed: 9)
            var bytes = (0..<700_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            try TestFolder.write(bytes, to: folder + "/source/file")
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/source").snapshot.tree
            try await repository.restore(tree, to: folder + "/target")
            let original = bytes
            bytes[3_000_000] ^= 1
            try TestFolder.write(bytes + [1, 2, 3], to: folder + "/target/file")
            let counts = try await repository.restore(tree, to: folder + "/target") { $0.verifies = true }
            #expect(TestFolder.bytes(folder + "/target/file") == original)
            #expect(counts.bytesRestored > 0 && counts.bytesRestored < UInt64(original.count))
            #expect(counts.filesVerified == 1 && counts.problems == 0)
        }
    }

    @Test func `what the snapshot does not have is deleted where that is asked for`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/source", "/source/d", "/target", "/target/d", "/target/gone", "/target/gone/deep"] {
                try TestFolder.make(folder + path)
            }
            try TestFolder.write("x", to: folder + "/source/d/file")
            for name in ["d/extra.txt", "d/extra.log", "gone/deep/a.txt", "gone/b.log"] {
                try TestFolder.write("x", to: "\(folder)/target/\(name)")
            }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/source").snapshot.tree
            try await repository.restore(tree, to: folder + "/target") { options in
                options.deletes = true
                options.selection = .excluding([try PatternList(["*.log"])])
            }
            #expect(
                TestFolder.exists(folder + "/target/d/extra.log") && TestFolder.exists(folder + "/target/gone/b.log"))
            #expect(
                !TestFolder.exists(folder + "/target/d/extra.txt") && !TestFolder.exists(folder + "/target/gone/deep"))
            let counts = try await repository.restore(tree, to: folder + "/target") { $0.deletes = true }
            #expect(counts.deleted == 3 && counts.problems == 0)
            #expect(
                try TreeListing(of: folder + "/target").differences(from: TreeListing(of: folder + "/source")) == [])
            let error = await #expect(throws: FileError.self) {
                try await repository.restore(tree, to: "/") { $0.deletes = true }
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test func `a part of a snapshot is selected by patterns`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/s", "/s/a", "/s/a/b", "/s/c"] { try TestFolder.make(folder + path) }
            for name in ["a/1.txt", "a/b/2.txt", "a/b/3.log", "c/4.txt"] {
                try TestFolder.write(name, to: "\(folder)/s/\(name)")
            }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/s").snapshot.tree
            let cases: [(RestoreSelection, [String])] = [
                (.including([try PatternList(["/a/b"])]), ["a", "a/b", "a/b/2.txt", "a/b/3.log"]),
                (.including([try PatternList(["*.log"])]), ["a", "a/b", "a/b/3.log"]),
                (.including([try PatternList(["/x"])]), []),
                (.excluding([try PatternList(["b", "/c"])]), ["a", "a/1.txt"]),
                (
                    .including([try PatternList(["*.TXT"], ignoresCase: true)]),
                    ["a", "a/1.txt", "a/b", "a/b/2.txt", "c", "c/4.txt"]
                ),
            ]
            for (index, (selection, paths)) in cases.enumerated() {
                let target = "\(folder)/target-\(index)"
                try await repository.restore(tree, to: target) { $0.selection = selection }
                let found = try TreeListing(of: target).entries.keys.map { String(decoding: $0, as: UTF8.self) }
                #expect(found.sorted() == paths, "\(selection)")
            }
            let found = try await SnapshotPath(trees: repository.trees).find("/a/b", in: tree)
            guard case .folder(let inner, _) = found else {
                Issue.record("no folder: \(found)")
                return
            }
            try await repository.restore(inner, to: folder + "/inner")
            #expect(TestFolder.text(folder + "/inner/2.txt") == "a/b/2.txt")
        }
    }

    @Test func `a plan says what would be done, and does nothing`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/s", "/s/d", "/t", "/t/d"] { try TestFolder.make(folder + path) }
            for name in ["d/new", "d/old"] { try TestFolder.write("text", to: "\(folder)/s/\(name)") }
            try TestFolder.link(folder + "/s/link", to: "nowhere")
            try TestFolder.write("other", to: folder + "/t/d/old")
            try TestFolder.write("other", to: folder + "/t/d/extra")
            let before = try TreeListing(of: folder + "/t")
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/s").snapshot.tree
            var options = RestoreOptions()
            options.deletes = true
            let restore = TreeRestore(repository.indexed, options: options)
            let plan = try await restore.plan(tree, into: LocalPath(folder + "/t"))
            #expect(
                plan.lines.map { "\($0.verb) \($0.path) \($0.size)" } == [
                    "metadata /d 0", "delete /d/extra 0", "create /d/new 4", "update /d/old 4", "create /link 0",
                ])
            #expect(plan.contentBytes == 8)
            #expect(try TreeListing(of: folder + "/t").differences(from: before) == [])
            let empty = try await restore.plan(tree, into: LocalPath(folder + "/nothing"))
            #expect(empty.lines.allSatisfy { $0.verb == .create } && !TestFolder.exists(folder + "/nothing"))
        }
    }

    @Test func `verification finds what was changed behind the restore's back`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/s")
            for name in ["a", "b"] { try TestFolder.write("text", to: "\(folder)/s/\(name)") }
            let repository = try await TestRepository()
            let tree = try await repository.backUp(folder + "/s").snapshot.tree
            let problems = Mutex<[ItemProblem]>([])
            let counts = try await repository.restore(
                tree, to: folder + "/t", { $0.verifies = true },
                observer: { event in
                    switch event {
                    case .finished(let line) where line.path == "/b":
                        #expect(throws: Never.self) { try TestFolder.write("TEXT", to: folder + "/t/b") }
                    case .problem(let problem): problems.withLock { $0.append(problem) }
                    default: break
                    }
                })
            #expect(problems.withLock { $0.map(\.path) } == ["/b"])
            #expect(problems.withLock { $0.first?.error.code } == .damaged)
            #expect(counts.filesVerified == 1 && counts.problems == 1)
        }
    }

    @Test func `a large sparse file comes back with its holes`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/s")
            try TestFolder.makeSparse(folder + "/s/disk", size: 5 << 30, data: [0, 3 << 30, (5 << 30) - 5000])
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder + "/s")
            #expect(outcome.counts.bytes == 5 << 30 && outcome.counts.newDataBlobs < 12)
            try await repository.restore(outcome.snapshot.tree, to: folder + "/t") { $0.isSparse = true }
            let status = try TestFolder.status(folder + "/t/disk")
            #expect(status.st_size == 5 << 30 && status.st_blocks * 512 < 1 << 20)
            for place in [0, 3 << 30, (5 << 30) - 5000] {
                #expect(
                    try TestFolder.bytes(folder + "/t/disk", at: place, count: 5000)
                        == TestFolder.bytes(folder + "/s/disk", at: place, count: 5000))
            }
        }
    }

    @Test func `what the repository has lost is told, and the rest comes back`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/s")
            try TestFolder.write("kept", to: folder + "/s/kept")
            let repository = try await TestRepository()
            try await repository.backUp(folder + "/s")
            let packs = Set(try await repository.keys().filter { $0.hasPrefix("data/") })
            try TestFolder.write("lost", to: folder + "/s/lost")
            let tree = try await repository.reopened().backUp(folder + "/s").snapshot.tree
            // The newer packs hold the lost file's content and the new tree; the tree stays known in memory only.
            let reader = try await repository.reopened()
            let newTree = try await reader.indexed.loadTree(tree)
            for key in try await repository.keys() where key.hasPrefix("data/") && !packs.contains(key) {
                try await reader.removeIfData(key, tree)
            }
            let counts = try await reader.restore(tree, to: folder + "/t")
            #expect(newTree.nodes.count == 2)
            #expect(counts.problems == 1 && counts.filesRestored == 1)
            #expect(TestFolder.text(folder + "/t/kept") == "kept" && !TestFolder.exists(folder + "/t/lost"))
        }
    }
}
