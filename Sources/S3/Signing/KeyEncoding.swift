import ObjectStorage
import Transport

/// How keys stand in paths and in listings.
enum KeyEncoding {
    /// Percent-encoded but for slashes, and never normalised: `a//b` and `a/` are other keys than `a/b` and `a`.
    /// Source: Amazon S3 API Reference, "Create a signed AWS API request", UriEncode.
    static func path(_ key: ObjectKey) -> String {
        let isPlain = key.text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }
        if isPlain { return key.text }
        return key.text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentEncoding.encode(String(decoding: $0, as: UTF8.self)) }
            .joined(separator: "/")
    }

    /// Whether a segment of the key is `.` or `..`.
    static func hasDotSegment(_ key: ObjectKey) -> Bool {
        // How many dots the segment consists of so far; above 2 for a segment that has something else.
        var dots = 0
        for byte in key.text.utf8 {
            switch byte {
            case UInt8(ascii: "/"):
                if dots == 1 || dots == 2 { return true }
                dots = 0
            case UInt8(ascii: "."): dots += 1
            default: dots = 3
            }
        }
        return dots == 1 || dots == 2
    }

    /// What a listing with `encoding-type=url` carries: a form's encoding, where `+` is a space. Nil if it is broken.
    static func decodeListed(_ text: String) -> String? {
        PercentEncoding.decode(text.utf8.contains(UInt8(ascii: "+")) ? String(text.map { $0 == "+" ? " " : $0 }) : text)
    }
}
