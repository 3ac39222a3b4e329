import Basics

/// What the mirror knows of one pair, on disk: key, tags, size and versions of what was copied. A cache: deleting it is
/// safe and costs one listing of the target.
///
/// One process at a time; the file is locked.
package final class MirrorIndex: Sendable {
    /// - Parameters:
    ///   - path: a file in an existing folder; it is made if it is missing, and made anew if it is damaged or of another
    ///     pair.
    ///   - pair: both ends, so that the index of one pair is never used for another.
    package init(path: String, pair: String) throws(MirrorError) {
        throw MirrorError(.index, "the index is not built yet")
    }
}
