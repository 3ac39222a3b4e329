import FileSystemBackup
import Glibc
import MartletTestSupport
import ResticFormat
import ResticRepository
import Testing

/// What goes into a snapshot and what does not.
@Suite struct BackupRulesTests {
    @Test func `patterns, markers and sizes leave things out`() async throws {
        try await withTemporaryFolder { folder in
            let source = folder + "/source"
            for path in ["", "/logs", "/keep", "/cache", "/mine", "/mine/inner"] { try TestFolder.make(source + path) }
            for path in ["/a.txt", "/a.tmp", "/logs/1.log", "/keep/x.tmp", "/cache/data", "/mine/inner/file"] {
                try TestFolder.write("text", to: source + path)
            }
            try TestFolder.write(
                "Signature: 8a477f597d28d172789f06886806bc55 and more", to: source + "/cache/CACHEDIR.TAG")
            try TestFolder.write("", to: source + "/mine/.nobackup")
            try TestFolder.write([UInt8](repeating: 7, count: 5000), to: source + "/large")
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(source) { options in
                options.rules.lists = [PatternList([try PathPattern("*.TMP", ignoresCase: true)]), PatternList()]
                options.rules.markers = [.cacheFolder, ExcludeRules.Marker(name: Array(".nobackup".utf8))]
                options.rules.largestFile = 4999
            }
            #expect(outcome.isComplete)
            #expect(
                try await repository.paths(of: outcome.snapshot.tree) == [
                    "/a.txt", "/cache", "/cache/CACHEDIR.TAG", "/keep", "/logs", "/logs/1.log", "/mine",
                    "/mine/.nobackup",
                ])
        }
    }

    @Test func `anchored patterns begin at the root of the machine, and a target is never left out`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/a")
            try TestFolder.write("x", to: folder + "/a/x")
            try TestFolder.write("y", to: folder + "/a/y")
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder, targets: ["a"]) { options in
                options.rules.lists = [PatternList([try PathPattern(folder + "/a/x"), try PathPattern("/a/y")])]
            }
            #expect(try await repository.paths(of: outcome.snapshot.tree) == ["/a", "/a/y"])
            let named = try await repository.backUp(folder, targets: ["a/x"]) { options in
                options.rules.lists = [PatternList([try PathPattern("x")])]
            }
            #expect(try await repository.paths(of: named.snapshot.tree) == ["/a", "/a/x"])
        }
    }

    @Test func `targets keep their names, and equal names get numbers`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/a", "/a/one", "/b", "/b/one", "/c"] { try TestFolder.make(folder + path) }
            try TestFolder.write("1", to: folder + "/a/one/file")
            try TestFolder.write("2", to: folder + "/b/one/other")
            let repository = try await TestRepository()
            let absolute = try await repository.backUp(folder, targets: [LocalPath(folder + "/a/one/file")])
            #expect(absolute.snapshot.paths == [folder + "/a/one/file"])
            #expect(try await repository.paths(of: absolute.snapshot.tree).last == folder + "/a/one/file")
            let both = try await repository.backUp(folder + "/a", targets: ["one", "../b/one", "../a/one/file"])
            #expect(both.snapshot.paths == ["a/one", "b/one", "a/one/file"].map { "\(folder)/\($0)" })
            #expect(
                try await repository.paths(of: both.snapshot.tree) == [
                    "/a", "/a/one", "/a/one/file", "/b", "/b/one", "/b/one/other", "/one", "/one/file",
                ])
            let twice = try await repository.backUp(folder + "/c", targets: ["../a/one", LocalPath(folder), ".."])
            let names = try await repository.paths(of: twice.snapshot.tree)
            #expect(names.contains("/a/one/file") && names.contains("/b/one/other") && names.contains(folder + "/c"))
        }
    }

    @Test func `another file system is left out where that is asked for`() async throws {
        // The kernel's own file systems are mounted everywhere.
        guard TestFolder.exists("/proc/self") else { return }
        let repository = try await TestRepository()
        let outcome = try await repository.backUp("/", targets: ["/proc"]) { options in
            options.rules.staysOnFileSystem = true
            options.rules.lists = [try PatternList(["/proc/*"])]
        }
        #expect(try await repository.paths(of: outcome.snapshot.tree) == ["/proc"])
    }

    @Test func `a dry run stores nothing and counts the same`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            var generator = TreeGenerator(seed: 77)
            try generator.fill(folder + "/source")
            let repository = try await TestRepository()
            let keys = try await repository.keys()
            let dry = try await repository.backUp(folder + "/source") { $0.isDryRun = true }
            #expect(dry.snapshotID == nil)
            #expect(try await repository.keys() == keys)
            let real = try await repository.backUp(folder + "/source")
            #expect(real.snapshot.tree == dry.snapshot.tree)
            #expect(
                real.counts.newDataBlobs == dry.counts.newDataBlobs
                    && real.counts.newTreeBlobs == dry.counts.newTreeBlobs)
            #expect(real.counts.addedBytes == dry.counts.addedBytes)
            let same = try await repository.backUp(folder + "/source", parent: real) { $0.skipsIfUnchanged = true }
            #expect(same.snapshotID == nil && same.snapshot.tree == real.snapshot.tree)
        }
    }

    @Test func `a stream becomes a file`() async throws {
        try await withTemporaryFolder { folder in
            var random = SeededGenerator(seed: 3)
            let bytes = (0..<300_000).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            try TestFolder.write(bytes, to: folder + "/input")
            let repository = try await TestRepository()
            var options = BackupOptions()
            options.labels.userID = 7
            let input = open(folder + "/input", O_RDONLY)
            let outcome = try await TreeBackup(
                repository.indexed, options: options, clock: repository.environment.clock
            )
            .run(stream: Descriptor(input), at: "dump/all.sql")
            #expect(outcome.snapshot.paths == ["/dump/all.sql"])
            try await repository.restore(outcome.snapshot.tree, to: folder + "/back")
            #expect(TestFolder.bytes(folder + "/back/dump/all.sql") == bytes)
            // The same content as a file is cut alike.
            let again = try await repository.backUp(folder, targets: ["input"])
            #expect(again.counts.newDataBlobs == 0)
        }
    }
}
