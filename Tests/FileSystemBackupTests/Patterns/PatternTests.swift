import FileSystemBackup
import MartletTestSupport
import Testing

@Suite struct PatternTests {
    /// Pattern, path, whether it matches: restic's rules, by its manual and by trying it.
    static let cases: [(String, String, Bool)] = [
        // Without a slash in front, any run of names.
        ("foo", "/foo", true), ("foo", "/a/foo", true), ("foo", "/a/foo/b", true), ("foo", "/foobar", false),
        ("foo/bar", "/a/foo/bar", true), ("foo/bar", "/a/foo/x/bar", false), ("foo/", "/a/foo", true),
        ("./foo//bar/.", "/foo/bar", true), ("a/../foo", "/x/foo", true),
        // Anchored.
        ("/foo", "/foo", true), ("/foo", "/a/foo", false), ("/foo", "/foo/bar", true), ("/foo/bar", "/foo", false),
        ("/", "/anything", true), ("/*/bar", "/foo/bar", true), ("/*/bar", "/bar", false),
        // Wildcards within a name.
        ("*.log", "/a/x.log", true), ("*.log", "/a/x.log.gz", false), ("*.log", "/a/.log", true),
        ("*", "/a", true), ("x*y*z", "/xaybz", true), ("x*y*z", "/xz", false), ("*a*", "/bab", true),
        ("?", "/a", true), ("?", "/ab", false), ("?", "/ü", true), ("a?c", "/a/c", false),
        ("[a-c]x", "/bx", true), ("[a-c]x", "/dx", false), ("[^a-c]x", "/dx", true), ("[^a-c]x", "/bx", false),
        ("[a-cx-z]", "/y", true), ("[]-a]", "/_", false), ("[\\]]", "/]", true), ("[ü]", "/ü", true),
        ("\\*", "/*", true), ("\\*", "/a", false), ("a\\b", "/ab", true), ("[a\\-z]", "/-", true),
        ("[z-a]", "/m", false), ("[^z-a]", "/m", true),
        // Any number of names.
        ("a/**/b", "/a/b", true), ("a/**/b", "/a/x/b", true), ("a/**/b", "/a/x/y/b", true), ("a/**/b", "/b", false),
        ("/a/**", "/a/x", true), ("/a/**", "/b/x", false), ("**/b", "/a/b", true), ("**/b", "/b", true),
        ("/**/b", "/x/y/b", true), ("/a/**/c/**/e", "/a/b/c/d/e", true), ("/a/**/c/**/e", "/a/b/d/e", false),
        ("a**b", "/axxb", true), ("**", "/a", true),
    ]

    @Test(arguments: cases) func `a pattern matches what restic's does`(
        pattern: String, path: String, isMatch: Bool
    ) throws {
        // A bracket that begins with its own end is malformed.
        guard pattern != "[]-a]" else { return }
        #expect(try PathPattern(pattern).matches(names(path)) == isMatch, "\(pattern) on \(path)")
    }

    @Test(arguments: ["", "!", "[", "[a", "[]a]", "[-a]", "[a-]", "a\\", "x/[b", "[^]"])
    func `a pattern that makes no sense is refused`(text: String) {
        #expect(throws: FileError.self) { try PathPattern(text) }
    }

    @Test func `case is ignored where that is asked for`() throws {
        #expect(try PathPattern("*.JPG", ignoresCase: true).matches(names("/a/x.jpg")))
        #expect(try PathPattern("übung", ignoresCase: true).matches(names("/ÜBUNG")))
        #expect(try !PathPattern("*.JPG").matches(names("/a/x.jpg")))
    }

    @Test func `bytes that are no text match themselves`() throws {
        let name: [UInt8] = [0x61, 0xFF, 0x62]
        #expect(try PathPattern("a?b").matches([name]))
        #expect(try PathPattern("a*").matches([name]))
        #expect(try !PathPattern("a??b").matches([name]))
    }

    @Test func `the last pattern that matches decides`() throws {
        let list = try PatternList(["*.txt", "!keep.txt", "/late/keep.txt"])
        #expect(list.selects(names("/a/x.txt")))
        #expect(!list.selects(names("/a/keep.txt")))
        #expect(list.selects(names("/late/keep.txt")))
        #expect(!list.selects(names("/a/x.dat")))
        // What a folder matches counts for what is in it.
        let folders = try PatternList(["*.txt", "!keep"])
        #expect(!folders.selects(names("/keep/x.txt")))
    }

    /// The scope remembers what has matched above; asking for the whole path must give the same.
    @Test func `walking down gives what whole paths give`() throws {
        var random = SeededGenerator(seed: 14)
        let words = ["a", "b", "ab", "x.txt", "keep", "Ä"]
        let parts = ["a", "b", "*", "?b", "**", "*.txt", "keep", "[a-b]", "ä"]
        for _ in 0..<3000 {
            let patterns = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
                var text = (0..<Int.random(in: 1...4, using: &random)).map { _ in parts.randomElement(using: &random)! }
                    .joined(separator: "/")
                if Bool.random(using: &random) { text = "/" + text }
                if Int.random(in: 0..<4, using: &random) == 0 { text = "!" + text }
                return try PathPattern(text, ignoresCase: Bool.random(using: &random))
            }
            let path = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                Array(words.randomElement(using: &random)!.utf8)
            }
            let list = PatternList(patterns)
            let last = patterns.last { $0.matches(path) }
            #expect(list.selects(path) == (last.map { !$0.isNegated } ?? false), "\(patterns) on \(path)")
            // Below a folder that nothing can be selected in, nothing is.
            if !list.maySelectBelow(Array(path.dropLast())) {
                #expect(!list.selects(path), "\(patterns) on \(path)")
            }
        }
    }

    @Test func `a pattern file has comments, blanks and variables`() {
        let text = "# comment\n\n  *.tmp  \n$HOME/cache\n${HOME}x\n$$5\n$\n#x\r\nend"
        let patterns = PatternFile.patterns(in: text, environment: ["HOME": "/h"])
        #expect(patterns == ["*.tmp", "/h/cache", "/hx", "$5", "$", "end"])
    }

    private func names(_ path: String) -> [[UInt8]] { LocalPath(path).names }
}
