import Basics

/// Text in headers that is more than printable ASCII: `=?UTF-8?B?w6k=?=`. Source: RFC 2047; the Amazon S3 User Guide,
/// "User-defined object metadata", says that S3 uses it.
enum EncodedWord {
    /// `text` itself if it is printable ASCII without outer blanks.
    static func encode(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if isPlain, text.first != " ", text.last != " ", !text.hasPrefix("=?") { return text }
        return "=?UTF-8?B?\(Base64.encode(Array(text.utf8)))?="
    }

    /// The text of one encoded word in UTF-8, base64 or quoted; anything else as it is.
    static func decode(_ text: String) -> String {
        let parts = text.split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "=", parts[4] == "=", parts[1].lowercased() == "utf-8" else { return text }
        let bytes = parts[2].lowercased() == "b" ? Base64.decode(String(parts[3])) : quoted(parts[3])
        return bytes.flatMap { String(validating: $0, as: UTF8.self) } ?? text
    }

    /// `_` is a blank, `=C3` a byte.
    private static func quoted(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text
        while let first = rest.popFirst() {
            switch first {
            case "_": bytes.append(0x20)
            case "=":
                guard let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 else { return nil }
                bytes.append(byte)
                rest.removeFirst(2)
            default: bytes += Array(String(first).utf8)
            }
        }
        return bytes
    }
}
