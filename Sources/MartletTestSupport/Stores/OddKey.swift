package import ObjectStorage

/// Keys that stores and proxies get wrong, each with the reason in its name.
package enum OddKey: String, Sendable, CaseIterable {
    case spaces = "a b  c "
    case plus = "a+b"
    case percent = "100%"
    case percentEncodedSlash = "a%2Fb"
    case ampersand = "a&b=c"
    case question = "a?b"
    case hash = "a#b"
    case quotes = "a\"b'c<d>e"
    case brackets = "a[b]{c}|^`~!*();:@$,"
    case backslash = "a\\b"
    case doubleSlash = "a//b"
    case leadingSlash = "/a"
    case trailingSlash = "t/"
    case onlySlash = "/"
    case dotSegment = "a/./b"
    case dotDotSegment = "a/../b"
    case dotDotFirst = "../a"
    case dotDotOnly = ".."
    case newline = "a\nb"
    case carriageReturn = "a\rb"
    case tab = "a\tb"
    case control = "a\u{1}b\u{7F}"
    case composed = "\u{E9}"
    case decomposed = "e\u{301}"
    case emoji = "🐦/🦅"
    case notCharacter = "a\u{FFFF}b"
    case ownPrefix = ".martlet-key-61"
    case ownTemporary = ".martlet-tmp-1-1"
    case longName = "256 bytes"
    case longest = "1024"

    package var key: ObjectKey {
        switch self {
        // 8 segments of 127 bytes, 7 slashes, one byte more.
        case .longest:
            ObjectKey(Array(repeating: String(repeating: "k", count: 127), count: 8).joined(separator: "/") + "k")!
        case .longName: ObjectKey(String(repeating: "n", count: 256))!
        default: ObjectKey(rawValue)!
        }
    }
}
