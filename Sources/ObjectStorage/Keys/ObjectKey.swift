/// The name of one object in a bucket: 1 to 1,024 bytes of UTF-8, no NUL. A slash has no meaning to a store.
///
/// Equal, ordered and hashed by UTF-8 bytes, as ListObjectsV2 returns keys: two spellings that Swift's `String` takes for
/// the same text (`é` as one scalar and as two) are two keys. Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    /// Nil for an empty text, one over 1,024 bytes, or one with a NUL.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 1024, !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
