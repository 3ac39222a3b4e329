import MartletTestSupport
import ResticFormat
import Testing

@Suite struct TreeTests {
    @Test func `the empty directory has its known id`() throws {
        let text = try Tree().encoded()
        #expect(String(decoding: text, as: UTF8.self) == "{\"nodes\":[]}\n")
        #expect(
            ResticID(hashing: text).description == "ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8")
        #expect(try Tree(decoding: text) == Tree())
    }

    @Test func `members come in their order, the empty ones not at all`() throws {
        let time = try #require(NodeTime("2026-01-02T03:04:05.5Z"))
        var file = Node(name: FileName("a"), kind: .file, mode: GoFileMode(rawValue: 420), modified: time)
        file.content = []
        var link = Node(name: FileName("b"), kind: .symlink, mode: GoFileMode(rawValue: 134_218_239), modified: time)
        link.linkTarget = [0x78, 0xFF, 0x3C]
        link.extendedAttributes = [ExtendedAttribute("user.x", [1]), ExtendedAttribute("user.y", [])]
        link.links = 1
        link.user = "root"
        let times =
            #""mtime":"2026-01-02T03:04:05.5Z","atime":"2026-01-02T03:04:05.5Z","ctime":"2026-01-02T03:04:05.5Z""#
        let text = """
            {"nodes":[{"name":"a","type":"file","mode":420,\(times),"uid":0,"gid":0,"content":[]},\
            {"name":"b","type":"symlink","mode":134218239,\(times),"uid":0,"gid":0,"user":"root","links":1,\
            "linktarget":"x\\ufffd\\u003c","linktarget_raw":"eP88","extended_attributes":[\
            {"name":"user.x","value":"AQ=="},{"name":"user.y","value":""}],"content":null}]}

            """
        let tree = Tree(nodes: [file, link])
        #expect(String(decoding: try tree.encoded(), as: UTF8.self) == text)
        #expect(try Tree(decoding: Array(text.utf8)) == tree)
    }

    @Test(arguments: 0..<60)
    func `any tree comes back, and its text is canonical`(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 7919)
        let tree = RandomTree.make(seed / 2, &generator)
        let text = try tree.encoded()
        let read = try Tree(decoding: text)
        #expect(read == tree)
        #expect(read.isCanonical(text))
        #expect(text.last == 0x0A && read.hasAscendingNames)
    }

    @Test func `names that do not ascend cannot be written, but read`() throws {
        let time = NodeTime(seconds: 0)
        func node(_ name: String) -> Node {
            Node(name: FileName(name), kind: .fifo, mode: GoFileMode(rawValue: 0), modified: time)
        }
        for names in [["b", "a"], ["a", "a"], ["a", "B"]] {
            #expect(Sample.code { _ = try Tree(nodes: names.map(node)).encoded() } == .unencodable)
        }
        let text = String(decoding: try Tree(nodes: [node("a"), node("b")]).encoded(), as: UTF8.self)
        let swapped = Array(text.map { $0 == "a" ? "b" : $0 == "b" ? "a" : $0 }.map(String.init).joined().utf8)
        let doubled = #"{"nodes":[{"name":"x","type":"fifo"},{"name":"x","type":"fifo"}]}"#
        #expect(Sample.code { _ = try Tree(decoding: swapped) } == .malformed)
        let tree = try Tree(decoding: Array(doubled.utf8))
        #expect(tree.nodes.count == 2 && !tree.hasAscendingNames && !tree.isCanonical(Array(doubled.utf8)))
    }

    @Test(arguments: [
        #"{"nodes":[],"x":1}"#, #"{"x":{"y":[]},"nodes":[]}"#, #" { "nodes" : [ ] } "#, #"{"nodes":null}"#, "{}",
        #"{"nodes":[{"name":"a","type":"file","new":1}]}"#, #"{"nodes":[]}"#,
    ])
    func `what would be lost makes a tree not canonical`(_ text: String) throws {
        let bytes = Array(text.utf8)
        #expect(try Tree(decoding: bytes).nodes.count <= 1)
        #expect(!(try Tree(decoding: bytes).isCanonical(bytes)))
    }

    @Test func `exact link targets win, whichever comes first`() throws {
        for members in [
            #""linktarget":"\ufffd","linktarget_raw":"/w==""#, #""linktarget_raw":"/w==","linktarget":"\ufffd""#,
        ] {
            let text = #"{"nodes":[{"name":"a","type":"symlink",\#(members)}]}"#
            #expect(try Tree(decoding: Array(text.utf8)).nodes.first?.linkTarget == [0xFF])
        }
    }
}
