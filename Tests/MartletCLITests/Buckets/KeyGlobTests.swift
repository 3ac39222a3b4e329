import Basics
import MartletCLI
import Testing

@Suite struct `A pattern over keys` {
    @Test(arguments: [
        ("output/*/a.csv", "output/p1/a.csv", true), ("output/*/a.csv", "output/p1/u2/a.csv", false),
        ("output/**/a.csv", "output/p1/u2/a.csv", true), ("**.csv.gz", "output/p1/a.csv.gz", true),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("a?c", "aéc", true), ("*", "", true), ("*", "a/b", false),
        ("a\\*b", "a*b", true), ("a\\*b", "axb", false), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYb", false),
        ("plain", "plain", true), ("plain", "plainer", false), ("a\\\\b", "a\\b", true),
    ])
    func `takes what it says`(pattern: String, key: String, isTaken: Bool) {
        #expect(KeyGlob(pattern).matches(key) == isTaken)
    }

    @Test func `says what every match begins with`() {
        #expect(KeyGlob("output/2026*/x").prefix == "output/2026")
        #expect(!KeyGlob("output/2026*/x").isPlain)
        #expect(KeyGlob("a\\*b").prefix == "a*b")
        #expect(KeyGlob("a\\*b").isPlain)
    }

    /// Patterns with many stars must not take exponential time: this one would take longer than the age of the universe.
    @Test(.timeLimit(.minutes(1))) func `is quick whatever it is`() {
        let pattern = String(repeating: "*a", count: 60) + "*b"
        #expect(!KeyGlob(pattern).matches(String(repeating: "a", count: 1000)))
    }
}

@Suite struct `An instant as people type it` {
    private let now = Timestamp("2026-11-22T12:00:00Z")!

    @Test(arguments: [
        ("2026-11-20", "2026-11-20T00:00:00Z"), ("2026.11.20T10", "2026-11-20T10:00:00Z"),
        ("2026.11.20T10:30", "2026-11-20T10:30:00Z"), ("2026-11-20T10:30:05", "2026-11-20T10:30:05Z"),
        ("2026-11-20T10:30:05+02:00", "2026-11-20T08:30:05Z"), ("7d", "2026-11-15T12:00:00Z"),
        ("7d10h31s", "2026-11-15T01:59:29Z"), ("90m", "2026-11-22T10:30:00Z"),
    ])
    func `is read`(text: String, instant: String) throws {
        let argument = try #require(InstantArgument(argument: text))
        #expect(argument.instant(now: now) == Timestamp(instant))
    }

    @Test(arguments: [
        "", "yesterday", "7", "d7", "2026-13-01", "2026-11-20T25", "7d7", "99999999999999999999d", "1000y",
    ])
    func `is refused otherwise`(text: String) {
        #expect(InstantArgument(argument: text) == nil)
    }
}
