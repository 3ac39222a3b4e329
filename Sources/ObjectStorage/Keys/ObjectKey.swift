import Glibc

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
        left.text.utf8.count == right.text.utf8.count && left.order(to: right) == 0
    }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool { left.order(to: right) < 0 }

    /// Negative, zero or positive as `self` comes before, is, or comes after `other`: one comparison where two listings
    /// are merged.
    package func order(to other: ObjectKey) -> Int {
        // In place for the contiguous texts that keys practically always are.
        let fast = text.utf8.withContiguousStorageIfAvailable { mine in
            other.text.utf8.withContiguousStorageIfAvailable { theirs in
                ObjectKey.order(mine, theirs)
            }
        }
        if let fast, let order = fast { return order }
        return Array(text.utf8).withUnsafeBufferPointer { mine in
            Array(other.text.utf8).withUnsafeBufferPointer { theirs in ObjectKey.order(mine, theirs) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    private static func order(_ mine: UnsafeBufferPointer<UInt8>, _ theirs: UnsafeBufferPointer<UInt8>) -> Int {
        guard let left = mine.baseAddress, let right = theirs.baseAddress else { return mine.count - theirs.count }
        let common = Int(memcmp(left, right, min(mine.count, theirs.count)))
        return common != 0 ? common : mine.count - theirs.count
    }
}
