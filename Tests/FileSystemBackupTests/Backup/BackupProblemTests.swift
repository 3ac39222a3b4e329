import Basics
import FileSystemBackup
import Glibc
import MartletTestSupport
import ResticFormat
import ResticRepository
import Synchronization
import Testing

/// What goes wrong with single items does not spoil the rest.
@Suite struct BackupProblemTests {
    @Test func `a file that cannot be read is told, and the rest is kept`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.write("good", to: folder + "/good")
            let repository = try await TestRepository()
            let told = Mutex<[FileError.Code]>([])
            // The memory of this process cannot be read at its beginning: an input error, also for root.
            let outcome = try await repository.backUp(
                folder, targets: ["good", "/proc/self/mem", "missing"],
                observer: { event in
                    if case .problem(let problem) = event { told.withLock { $0.append(problem.error.code) } }
                })
            #expect(!outcome.isComplete && outcome.counts.problems == 2)
            #expect(told.withLock { Set($0) } == [.failed, .notFound])
            #expect(try await repository.paths(of: outcome.snapshot.tree).contains("/good"))
        }
    }

    @Test func `a target that does not exist is a problem, and without any other nothing is saved`() async throws {
        let repository = try await TestRepository()
        let keys = try await repository.keys()
        let error = await #expect(throws: FileError.self) {
            try await repository.backUp("/", targets: ["/no/such/folder", "/nor/this"])
        }
        #expect(error?.code == .empty)
        #expect(
            try await repository.keys().filter { $0.hasPrefix("snapshots/") }
                == keys.filter { $0.hasPrefix("snapshots/") })
    }

    @Test func `a file that is written to while it is read is told`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.write("first", to: folder + "/changing")
            try TestFolder.write("other", to: folder + "/steady")
            let repository = try await TestRepository()
            let problems = Mutex<[ItemProblem]>([])
            let outcome = try await repository.backUp(
                folder,
                observer: { event in
                    switch event {
                    case .reading(let path) where path.description.hasSuffix("/changing"):
                        #expect(throws: Never.self) { try TestFolder.write("longer than before", to: path.description) }
                    case .problem(let problem): problems.withLock { $0.append(problem) }
                    default: break
                    }
                })
            #expect(problems.withLock { $0.map(\.error.code) } == [.changed])
            #expect(!outcome.isComplete && outcome.snapshotID != nil)
            #expect(try await repository.paths(of: outcome.snapshot.tree) == ["/changing", "/steady"])
        }
    }

    @Test func `a file that vanishes before its turn is no problem`() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a", "b", "c"] { try TestFolder.write(name, to: "\(folder)/\(name)") }
            let repository = try await TestRepository()
            let vanished = Mutex<[LocalPath]>([])
            let outcome = try await repository.backUp(
                folder,
                observer: { event in
                    switch event {
                    case .reading(let path) where path.description.hasSuffix("/a"): unlink(folder + "/b")
                    case .vanished(let path): vanished.withLock { $0.append(path) }
                    default: break
                    }
                })
            #expect(vanished.withLock { $0.map(\.description.last) } == ["b"])
            #expect(outcome.isComplete)
            #expect(try await repository.paths(of: outcome.snapshot.tree) == ["/a", "/c"])
        }
    }

    @Test func `what changed is read, what did not is not`() async throws {
        try await withTemporaryFolder { folder in
            for name in ["same", "content", "touched"] { try TestFolder.write(name, to: "\(folder)/\(name)") }
            let repository = try await TestRepository()
            let first = try await repository.backUp(folder)
            try TestFolder.write("CONTENT", to: folder + "/content")
            try TestFolder.setTime(folder + "/touched", seconds: 1_000_000)
            let read = Mutex<Set<String>>([])
            let second = try await repository.backUp(
                folder, parent: first,
                observer: { event in
                    guard case .reading(let path) = event else { return }
                    read.withLock { _ = $0.insert(String(path.description.dropFirst(folder.count + 1))) }
                })
            #expect(read.withLock { $0 } == ["content", "touched"])
            #expect(second.counts.filesChanged == 2 && second.counts.filesUnmodified == 1)
            #expect(second.counts.newDataBlobs == 1)
            #expect(second.snapshot.parent == first.snapshotID)
        }
    }

    @Test func `a file keeps its content by size and time alone where inodes are ignored`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/a")
            try TestFolder.write("12345", to: folder + "/a/file")
            try TestFolder.setTime(folder + "/a/file", seconds: 1_000_000)
            let repository = try await TestRepository()
            let first = try await repository.backUp(folder + "/a")
            // A clone of the volume: same file, other inode.
            try TestFolder.make(folder + "/b")
            try TestFolder.write("54321", to: folder + "/b/file")
            try TestFolder.setTime(folder + "/b/file", seconds: 1_000_000)
            let strict = try await repository.backUp(folder + "/b", parent: first)
            #expect(strict.counts.newDataBlobs == 1)
            let trusting = try await repository.backUp(folder + "/b", parent: first) {
                $0.detection = ChangeDetection(ignoresInode: true)
            }
            #expect(trusting.counts.newDataBlobs == 0 && trusting.counts.bytes == 5)
        }
    }

    @Test func `many files in one folder and folders within folders`() async throws {
        try await withTemporaryFolder { folder in
            for index in 0..<3000 { try TestFolder.write("\(index % 700)", to: "\(folder)/file-\(index)") }
            var deep = folder
            for _ in 0..<200 {
                deep += "/d"
                try TestFolder.make(deep)
            }
            try TestFolder.write("bottom", to: deep + "/file")
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder)
            #expect(outcome.counts.files == 3001 && outcome.counts.foldersNew == 200)
            #expect(outcome.counts.newDataBlobs == 701)
            try await withTemporaryFolder { target in
                let counts = try await repository.restore(outcome.snapshot.tree, to: target)
                #expect(counts.problems == 0 && counts.filesRestored == 3001)
                #expect(try TreeListing(of: target).differences(from: TreeListing(of: folder)) == [])
            }
        }
    }
}
