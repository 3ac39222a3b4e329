import FileSystemBackup
import Glibc
import MartletTestSupport
import ResticFormat
import ResticRepository
import Testing

/// Whatever a tree says, and whatever somebody puts on the way, nothing outside of the target is touched.
@Suite struct HostileTreeTests {
    /// Names that no folder can hold.
    static let names: [[UInt8]] = [
        [], Array(".".utf8), Array("..".utf8), Array("../evil".utf8), Array("/evil".utf8), Array("a/b".utf8),
        Array("x/../../evil".utf8), [0x61, 0, 0x62],
    ]

    @Test(arguments: names) func `a name that would lead elsewhere is refused`(name: [UInt8]) async throws {
        try await withTemporaryFolder { folder in
            let repository = try await TestRepository()
            let data = try await repository.save("evil")
            let inner = try await repository.save([file("inside", data)])
            let tree = try await repository.save(
                [file("good", data), Forged.file(name, data), Forged.folder(name, inner)])
            try TestFolder.make(folder + "/target")
            try TestFolder.write("here before", to: folder + "/target/extra")
            let before = try TreeListing(of: folder)
            let counts = try await repository.restore(tree, to: folder + "/target") { $0.deletes = true }
            #expect(counts.problems == 2)
            #expect(TestFolder.text(folder + "/target/good") == "evil")
            // After foul play nothing is deleted.
            #expect(TestFolder.exists(folder + "/target/extra"))
            let after = try TreeListing(of: folder)
            #expect(Set(after.entries.keys).subtracting(before.entries.keys) == [Array("target/good".utf8)])
        }
    }

    @Test func `a link and a folder of one name do not lead out`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/outside")
            let repository = try await TestRepository()
            let data = try await repository.save("evil")
            let inner = try await repository.save([file("file", data)])
            var link = Node(
                name: FileName("way"), kind: .symlink, mode: GoFileMode(statMode: 0o120777),
                modified: NodeTime(seconds: 1))
            link.linkTarget = Array((folder + "/outside").utf8)
            for nodes in [[link, Forged.folder("way", inner)], [Forged.folder("way", inner), link]] {
                let tree = try await repository.save(nodes)
                let counts = try await repository.restore(tree, to: folder + "/target")
                #expect(counts.problems == 1)
                #expect(!TestFolder.exists(folder + "/outside/file"))
            }
        }
    }

    @Test func `links that are in the way are replaced, not followed`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/source", "/source/d", "/outside", "/target"] { try TestFolder.make(folder + path) }
            try TestFolder.write("new", to: folder + "/source/d/file")
            try TestFolder.write("new", to: folder + "/source/file")
            try TestFolder.write("secret", to: folder + "/outside/file")
            try TestFolder.link(folder + "/target/d", to: folder + "/outside")
            try TestFolder.link(folder + "/target/file", to: folder + "/outside/file")
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder + "/source")
            let counts = try await repository.restore(outcome.snapshot.tree, to: folder + "/target") {
                $0.deletes = true
            }
            #expect(counts.problems == 0)
            #expect(TestFolder.text(folder + "/outside/file") == "secret")
            #expect(
                try TreeListing(of: folder + "/target").differences(from: TreeListing(of: folder + "/source")) == [])
        }
    }

    @Test func `another name of a file outside keeps its content`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["/source", "/target"] { try TestFolder.make(folder + path) }
            try TestFolder.write("new", to: folder + "/source/file")
            try TestFolder.write("old", to: folder + "/outside")
            #expect(link(folder + "/outside", folder + "/target/file") == 0)
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder + "/source")
            try await repository.restore(outcome.snapshot.tree, to: folder + "/target")
            #expect(TestFolder.text(folder + "/outside") == "old")
            #expect(TestFolder.text(folder + "/target/file") == "new")
        }
    }

    /// Somebody swaps folders for links while the restore runs: at the first finished file of many.
    @Test func `links that appear during the restore are not followed`() async throws {
        try await withTemporaryFolder { folder in
            try TestFolder.make(folder + "/source")
            try TestFolder.make(folder + "/outside")
            for index in 0..<400 {
                try TestFolder.make("\(folder)/source/\(index)")
                try TestFolder.write("\(index)", to: "\(folder)/source/\(index)/file")
            }
            let repository = try await TestRepository()
            let outcome = try await repository.backUp(folder + "/source")
            let target = folder + "/target"
            _ = try await repository.restore(
                outcome.snapshot.tree, to: target,
                observer: { event in
                    guard case .finished(let line) = event, line.kind == .file else { return }
                    for index in 0..<400 where index % 2 == 0 {
                        if rename("\(target)/\(index)", "\(target)/moved-\(index)") == 0 {
                            symlink(folder + "/outside", "\(target)/\(index)")
                        }
                    }
                })
            #expect(try TreeListing(of: folder + "/outside").entries.isEmpty)
            // Those that were left alone are all there.
            for index in 0..<400 where index % 2 == 1 {
                #expect(TestFolder.text("\(target)/\(index)/file") == "\(index)")
            }
        }
    }

    @Test func `content that is not as long as the node says is refused`() async throws {
        try await withTemporaryFolder { folder in
            let repository = try await TestRepository()
            let data = try await repository.save("1234")
            var short = file("short", data)
            short.size = 5
            var lost = file("lost", ResticID(1, 2, 3, 4))
            lost.size = 4
            var endless = file("zz", data)
            endless.content = [data, data]
            let tree = try await repository.save([endless, lost, short].sorted { $0.name < $1.name })
            let counts = try await repository.restore(tree, to: folder)
            #expect(counts.problems == 3 && counts.filesRestored == 0)
            #expect(try TreeListing(of: folder).entries.isEmpty)
        }
    }

    private func file(_ name: String, _ data: ResticID) -> Node { Forged.file(Array(name.utf8), data) }
}

/// Nodes that no backup makes.
enum Forged {
    /// Four bytes of content.
    static func file(_ name: [UInt8], _ data: ResticID) -> Node {
        var node = Node(
            name: FileName(name), kind: .file, mode: GoFileMode(statMode: 0o100644), modified: NodeTime(seconds: 1))
        node.content = [data]
        node.size = 4
        return node
    }

    static func folder(_ name: String, _ tree: ResticID) -> Node { folder(Array(name.utf8), tree) }

    static func folder(_ name: [UInt8], _ tree: ResticID) -> Node {
        var node = Node(
            name: FileName(name), kind: .directory, mode: GoFileMode(statMode: 0o040755), modified: NodeTime(seconds: 1)
        )
        node.subtree = tree
        return node
    }
}

extension TestRepository {
    /// Stores a piece of content.
    func save(_ text: String) async throws -> ResticID {
        let bytes = Array(text.utf8)
        let id = ResticID(hashing: bytes)
        return try await indexed.withBlobWriter { writer in
            _ = try writer.save(.data, id: id, bytes)
            return id
        }
    }

    /// Stores a tree in any order of names, as no proper writer does.
    func save(_ nodes: [Node]) async throws -> ResticID {
        var text = Array("{\"nodes\":[".utf8)
        for (index, node) in nodes.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            // Each alone, then its text without the tree around it.
            text += try Tree(nodes: [node]).encoded().dropFirst(10).dropLast(3)
        }
        text += Array("]}\n".utf8)
        let bytes = text
        let id = ResticID(hashing: bytes)
        return try await indexed.withBlobWriter { writer in
            _ = try writer.save(.tree, id: id, bytes)
            return id
        }
    }
}
