package import ResticFormat

/// How blobs are written.
package struct WriterOptions: Sendable, Hashable {
    /// Of data in repositories of version 2. Version 1 knows no compression; trees are always compressed in version 2.
    package var compression = CompressionMode.auto
    /// Sealed bytes after which a pack is stored; `PackBuilder.targets` in steps of whatever one likes.
    package var packBytes = PackBuilder.defaultTarget
    /// Packs that are on their way to the store at once.
    package var uploads = 2
    /// Packs that may wait for an upload.
    package var waitingPacks = 1
    /// Opens each blob after sealing it and compares the two, to find broken memory before it is believed.
    package var verifiesSealing = true
    /// After so long a time what is stored is written into an index file, so that a later run finds it.
    package var indexInterval = Duration.seconds(600)

    package init() {}
}

/// What `save` did.
package struct SavedBlob: Sendable, Hashable {
    /// False if the repository, or another task, has the blob already: nothing was written then.
    package let isNew: Bool
    /// In the pack, in bytes; 0 if the blob is not new.
    package let storedLength: Int
}

/// What a writer added, in sum.
package struct WriterCounts: Sendable, Hashable {
    package var dataBlobs = 0
    package var treeBlobs = 0
    /// Before compression.
    package var plainBytes: Int64 = 0
    /// Sealed, in packs.
    package var storedBytes: Int64 = 0
    package var packs = 0
}
