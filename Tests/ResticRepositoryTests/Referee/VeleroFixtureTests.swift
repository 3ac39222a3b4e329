import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `The repository that Velero and restic left` {
    private func open() async throws -> Repository {
        let bucket = ReadOnlyStore(try FolderObjectStore(path: Fixtures.veleroDemoBucket))
        return try await Repository.open(
            PrefixStore(bucket, prefix: "restic/demo/"), password: Secret("static-passw0rd"), environment: .test())
    }

    @Test func `is whole`() async throws {
        var options = CheckOptions()
        options.read = .all
        let report = try await open().check(options)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.checkedSnapshots == 1)
    }

    @Test func `holds the volume as it was`() async throws {
        let repository = try await open()
        let indexed = try await repository.loadIndex()
        let snapshot = try await repository.snapshot(named: "latest")
        var nodes: [String: Node] = [:]
        try await TreeWalk(indexed).run(snapshot.snapshot.tree) { step in
            nodes[step.text] = step.node
            return .goOn
        }
        #expect(nodes["/a/b"]?.kind == .directory)
        #expect(nodes["/a/numbers.txt"]?.size == 108_894)
        #expect(nodes["/hard"]?.content == nodes["/a/numbers.txt"]?.content)
        #expect(nodes["/zeros.bin"]?.userID == 33)
        #expect(nodes["/pipe"]?.kind == .fifo)
        #expect(nodes["/link"]?.kind == .symlink)
        #expect(nodes["/empty"]?.content == [])
        #expect(nodes["/café \"q\" <&>.txt"] != nil)
        var text: [UInt8] = []
        for id in nodes["/a/numbers.txt"]?.content ?? [] { text += try await indexed.loadBlob(BlobHandle(.data, id)) }
        #expect(text == Array((1...20_000).map { "\($0)\n" }.joined().utf8))
    }
}
