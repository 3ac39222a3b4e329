import FileSystemBackup
import ResticFormat
import Testing

@Suite struct ParentChoiceTests {
    private func snapshot(_ seconds: Int64, host: String = "h", paths: [String] = ["/a"], tags: [String] = [])
        -> SnapshotFile
    {
        var file = SnapshotFile(
            time: NodeTime(seconds: seconds), tree: ResticID(0, 0, 0, UInt64(seconds)), paths: paths)
        file.hostname = host
        file.tags = tags
        return file
    }

    private func parent(
        of new: SnapshotFile, among candidates: [SnapshotFile], _ grouping: Set<ParentChoice.Member> = [.host, .paths]
    ) -> Int? {
        let named = candidates.enumerated().map { (id: ResticID(1, 0, 0, UInt64($0.offset)), snapshot: $0.element) }
        return ParentChoice(grouping: grouping).parent(of: new, among: named).map { Int($0.id.word3) }
    }

    @Test func `the newest of the same host and paths is the parent`() {
        let candidates = [
            snapshot(5), snapshot(9), snapshot(7), snapshot(8, host: "other"), snapshot(8, paths: ["/b"]),
        ]
        #expect(parent(of: snapshot(10), among: candidates) == 1)
        #expect(parent(of: snapshot(8), among: candidates) == 2)
        #expect(parent(of: snapshot(4), among: candidates) == nil)
    }

    @Test func `a parent may have more paths and tags, not fewer`() {
        let more = snapshot(5, paths: ["/a", "/b"], tags: ["x", "y"])
        #expect(parent(of: snapshot(10), among: [more]) == 0)
        #expect(parent(of: snapshot(10, paths: ["/a", "/c"]), among: [more]) == nil)
        #expect(parent(of: snapshot(10, tags: ["z"]), among: [more], [.tags]) == nil)
        #expect(parent(of: snapshot(10, tags: ["x"]), among: [more], [.tags]) == 0)
        #expect(parent(of: snapshot(10, host: "elsewhere", paths: ["/c"]), among: [more], []) == 0)
    }
}
