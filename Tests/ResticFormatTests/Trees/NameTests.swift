import MartletTestSupport
import ResticFormat
import Testing

@Suite struct NameTests {
    private func text(of name: [UInt8]) throws -> String {
        let node = Node(
            name: FileName(name), kind: .fifo, mode: GoFileMode(rawValue: 0), modified: NodeTime(seconds: 0))
        let text = String(decoding: try Tree(nodes: [node]).encoded(), as: UTF8.self)
        let rest = text.dropFirst(#"{"nodes":[{"name":"#.count)
        guard let end = rest.firstRange(of: #","type":"#) else { throw BadSample(text: text) }
        return String(rest[..<end.lowerBound])
    }

    @Test(arguments: [
        ("6e6c0afec2a0c3a9", #""nl\\n\\xfe\\u00a0é""#),
        ("77653c693e7264202620227122205c62", #""we\u003ci\u003erd \u0026 \\\"q\\\" \\\\b""#),
        ("0708 0c0a 0d09 0b", #""\\a\\b\\f\\n\\r\\t\\v""#), ("00 01 1f 7f", #""\\x00\\x01\\x1f\\x7f""#),
        ("e280a8 e280a9", #""\\u2028\\u2029""#), ("efbfbd", "\"\u{FFFD}\""), ("eda080", #""\\xed\\xa0\\x80""#),
        ("c0af f4908080", #""\\xc0\\xaf\\xf4\\x90\\x80\\x80""#), ("f09f9880", "\"😀\""),
        ("f3a08081", #""\\U000e0001""#), ("ee8080", #""\\ue000""#), ("cc81", "\"\u{301}\""), ("c2ad", #""\\u00ad""#),
        ("e38080", #""\\u3000""#), ("c3", #""\\xc3""#), ("e282", #""\\xe2\\x82""#), ("27 60 2f", #""'`/""#),
        // Added to Unicode by version 15.1, by 15.0, and never.
        ("f0aeafb0", #""\\U0002ebf0""#), ("f091bc80", "\"\u{11F00}\""), ("f0919590", #""\\U00011550""#),
    ])
    func `names are quoted as Go and JSON do it`(_ hex: String, _ expected: String) throws {
        let name = try Sample.bytes(hex.split(separator: " ").joined())
        #expect(try text(of: name) == expected)
    }

    @Test func `every name comes back`() throws {
        var generator = SeededGenerator(seed: 16)
        for _ in 0..<3000 {
            let name = OddName.random(&generator)
            let node = Node(
                name: FileName(name), kind: .file, mode: GoFileMode(rawValue: 0), modified: NodeTime(seconds: 0))
            let encoded = try Tree(nodes: [node]).encoded()
            let tree = try Tree(decoding: encoded)
            #expect(tree.nodes.first?.name.bytes == name)
            #expect(tree.isCanonical(encoded))
        }
    }

    @Test(arguments: [
        (#""a\\101\\x41\\u0041""#, "61414141"), (#""\\u00e9""#, "c3a9"), (#""\u00e9\ud83d\ude00""#, "c3a9f09f9880"),
        (#""\ud83d""#, "efbfbd"), (#""\/""#, "2f"), (#""\\U0001f600""#, "f09f9880"),
    ])
    func `other spellings are read, and are not canonical`(_ json: String, _ hex: String) throws {
        let text = Array(tree(json).utf8)
        let read = try Tree(decoding: text)
        #expect(read.nodes.first?.name.bytes == (try Sample.bytes(hex)))
        #expect(!read.isCanonical(text))
    }

    @Test(arguments: [
        #""\\""#, #""\\q""#, #""\\x4""#, #""\\xzz""#, #""\\u12""#, #""\\ud800""#, #""\\U00110000""#, #""\\400""#,
        #""\\18""#,
        #""a\"b""#, #""a\nb""#, #""\u12""#, #""\x""#, "\"a", "\"a\u{01}\"", "5", "[]", #""\\'""#,
    ])
    func `what is not quoted as it should be is refused`(_ json: String) {
        #expect(Sample.code { _ = try Tree(decoding: Array(tree(json).utf8)) } == .malformed)
    }

    @Test func `only plain names can stand in a directory`() {
        for name in ["a", "...", "a b", ".a", "..a", "\u{FFFD}"] { #expect(FileName(name).isPlain) }
        for name in ["", ".", "..", "a/b", "/", "a\0"] { #expect(!FileName(name).isPlain) }
        #expect(FileName([0xFF, 0xFE]).isPlain && FileName([0xFF]).description == "\u{FFFD}")
    }

    @Test func `order is that of the bytes`() {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<500 {
            let (one, two) = (OddName.random(&generator), OddName.random(&generator))
            #expect((FileName(one) < FileName(two)) == one.lexicographicallyPrecedes(two))
        }
    }

    private func tree(_ name: String) -> String {
        let time = #""1970-01-01T00:00:00Z""#
        return #"{"nodes":[{"name":\#(name),"type":"fifo","mtime":\#(time),"atime":\#(time),"ctime":\#(time),"uid":0,"#
            + #""gid":0,"content":null}]}"# + "\n"
    }
}
