import ObjectStorage
import Transport

/// How keys stand in paths and in listings.
enum KeyEncoding {
    /// Percent-encoded but for slashes, and never normalised: `a//b` and `a/` are other keys than `a/b` and `a`.
    /// Source: Amazon S3 API Reference, "Create a signed AWS API request", UriEncode.
    static func path(_ key: ObjectKey) -> String {
        key.text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentEncoding.encode(String(decoding: $0, as: UTF8.self)) }
            .joined(separator: "/")
    }

    /// What a listing with `encoding-type=url` carries: a form's encoding, where `+` is a space. Nil if it is broken.
    static func decodeListed(_ text: String) -> String? {
        PercentEncoding.decode(text.utf8.contains(UInt8(ascii: "+")) ? String(text.map { $0 == "+" ? " " : $0 }) : text)
    }
}
