import MartletTestSupport
import ResticFormat
import Testing

/// What a storage may hold instead of a tree gives an error or some tree, never a trap.
@Suite struct HostileTreeTests {
    @Test(arguments: [
        ("", FormatError.Code.malformed), ("null", .malformed), ("[]", .malformed), (#"{"nodes":{}}"#, .malformed),
        (#"{"nodes":[{}]}"#, .malformed), (#"{"nodes":[1]}"#, .malformed), (#"{"nodes":[{"name":"a"},]}"#, .malformed),
        (#"{"nodes":[{"name":"a","type":"door"}]}"#, .unsupported),
        (#"{"nodes":[{"name":"a","mode":-1}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","mode":4294967296}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","size":18446744073709551616}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","size":1e3}]}"#, .malformed), (#"{"nodes":[{"name":"a","size":01}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","content":["00"]}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","subtree":"0"}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","linktarget_raw":"a"}]}"#, .malformed),
        (#"{"nodes":[{"name":"a","mtime":"now"}]}"#, .malformed), (#"{"nodes":[]}{"nodes":[]}"#, .malformed),
    ])
    func `what is no tree is refused by name`(_ text: String, _ code: FormatError.Code) {
        #expect(Sample.code { _ = try Tree(decoding: Array(text.utf8)) } == code)
    }

    @Test func `every truncation is an error`() throws {
        var generator = SeededGenerator(seed: 18)
        let text = try RandomTree.make(6, &generator).encoded()
        for length in 0..<(text.count - 1) {
            #expect(Sample.code { _ = try Tree(decoding: Array(text[..<length])) } == .malformed, "\(length)")
        }
    }

    @Test(arguments: 0..<20)
    func `changed bytes give an error or another tree, which is canonical or not`(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &+ 1000)
        let text = try RandomTree.make(5, &generator).encoded()
        var refused = 0
        for _ in 0..<400 {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = changed.indices.randomElement(using: &generator) ?? 0
                changed[index] = Mutation.byte(&generator)
            }
            guard let tree = try? Tree(decoding: changed) else {
                refused += 1
                continue
            }
            // Whatever was read can be looked at and, if the names ascend, written.
            if tree.hasAscendingNames { #expect(try Tree(decoding: tree.encoded()).nodes.count == tree.nodes.count) }
            _ = tree.isCanonical(changed)
        }
        #expect(refused > 0 && refused < 400)
    }
}

enum Mutation {
    private static let interesting = Array(#"{}[]",:\0u9-.eE"#.utf8) + [0, 0x0A, 0xFF, 0xC3]

    static func byte(_ generator: inout SeededGenerator) -> UInt8 {
        Bool.random(using: &generator)
            ? UInt8.random(in: 0...255, using: &generator) : interesting.randomElement(using: &generator) ?? 0
    }
}
