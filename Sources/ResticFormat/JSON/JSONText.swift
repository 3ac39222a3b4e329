/// Pieces of JSON for whoever writes objects of their own.
package enum JSONText {
    /// `text` in quotes, escaped as everywhere in a repository.
    package static func string(_ text: String) -> [UInt8] {
        var writer = ByteWriter(capacity: text.utf8.count + 16)
        writer.append(json: text)
        return writer.bytes()
    }

    /// Bytes as text: what is not UTF-8 becomes U+FFFD.
    package static func string(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + 16)
        writer.append(json: bytes)
        return writer.bytes()
    }
}
