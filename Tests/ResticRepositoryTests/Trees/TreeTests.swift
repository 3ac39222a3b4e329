import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Looking at trees` {
    private func scene() async throws -> (IndexedRepository, StoredSnapshot, [TestFile]) {
        let files = TestFile.random(20, seed: 81)
        let writer = try await makeRepository().loadIndex()
        let id = try await writer.backUp(files)
        let snapshot = try await writer.repository.snapshot(named: id.shortDescription)
        return (try await writer.repository.loadIndex(), snapshot, files)
    }

    @Test func `a walk meets everything in order`() async throws {
        let (indexed, snapshot, files) = try await scene()
        var paths: [String] = []
        try await TreeWalk(indexed).run(snapshot.snapshot.tree) { step in
            paths.append(step.text)
            return .goOn
        }
        #expect(paths.count == files.count + 2)
        #expect(paths == paths.sorted())
        #expect(paths[0] == "/folder-0")
        var seen = 0
        try await TreeWalk(indexed).run(snapshot.snapshot.tree) { step in
            seen += 1
            return step.path.count == 1 ? .skip : .goOn
        }
        #expect(seen == 2)
    }

    @Test func `an entry is found by its path`() async throws {
        let (indexed, snapshot, files) = try await scene()
        let root = snapshot.snapshot.tree
        let node = try await indexed.node(at: "/folder-0/\(files[0].name)", in: root)
        #expect(node?.size == UInt64(files[0].size))
        #expect(try await indexed.node(at: "/", in: root) == nil)
        #expect(try await indexed.directory(at: "", in: root) == root)
        for wrong in ["folder-9", "folder-0/none", "folder-0/\(files[0].name)/beneath"] {
            let error = await #expect(throws: RepositoryError.self) { try await indexed.node(at: wrong, in: root) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `two snapshots are compared`() async throws {
        let files = TestFile.random(10, seed: 82)
        let writer = try await makeRepository().loadIndex()
        let first = try await writer.backUp(files)
        var later = files
        later.remove(at: 8)
        later[1] = TestFile(name: files[1].name, content: [[1, 2, 3]])
        later.append(TestFile(name: "new", content: [[4, 5]]))
        let second = try await writer.backUp(later, time: "2026-11-02T12:00:00Z")
        let indexed = try await writer.repository.loadIndex()
        let trees = try await [first, second].asyncMap { try await indexed.repository.loadSnapshot($0).tree }
        var changes: [String: TreeChange] = [:]
        let difference = try await TreeComparison(indexed).compare(trees[0], trees[1]) { changes[$0] = $1 }
        #expect(changes["/folder-1/\(files[1].name)"] == .contentChanged)
        #expect(difference.changedFiles >= 1)
        #expect(changes.values.contains(.added))
        #expect(changes.values.contains(.removed))
        let none = try await TreeComparison(indexed).compare(trees[0], trees[0]) { _, _ in Issue.record("a change") }
        #expect(none.added.files + none.removed.files + none.added.treeBlobs == 0)
    }

    @Test func `sizes are counted in four ways`() async throws {
        let (indexed, snapshot, files) = try await scene()
        let size = Int64(files.reduce(0) { $0 + $1.size })
        let restored = try await indexed.statistics(of: [snapshot], mode: .restoreSize)
        #expect(restored.totalSize == size)
        let raw = try await indexed.statistics(of: [snapshot], mode: .rawData)
        #expect(raw.blobs == Set(files.flatMap(\.content)).count + 3)
        #expect(raw.uncompressedSize > size)
        #expect(raw.totalSize < raw.uncompressedSize)
        let contents = try await indexed.statistics(of: [snapshot], mode: .filesByContents)
        #expect(contents.files == files.count)
        let blobs = try await indexed.statistics(of: [snapshot], mode: .blobsPerFile)
        #expect(blobs.blobs == files.flatMap(\.content).count)
    }
}

extension Array {
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
