/// A file of `snapshots/`: one directory tree at one time.
package struct SnapshotFile: Sendable, Hashable {
    package var time: NodeTime
    /// The snapshot that changes were detected against.
    package var parent: ResticID?
    package var tree: ResticID
    /// Absolute source paths in command-line order.
    package var paths: [String]
    package var hostname = ""
    package var username = ""
    package var userID: UInt32 = 0
    package var groupID: UInt32 = 0
    package var excludes: [String] = []
    package var tags: [String] = []
    /// The snapshot that this one replaces, or the first of the line.
    package var original: ResticID?
    package var programVersion = ""
    package var summary: SnapshotSummary?
    /// Members that this program does not know, in their order; written back as they were.
    package var unknownMembers: [UnknownMember] = []

    /// The bound of a snapshot's JSON: `excludes` can be long.
    package static let maximumLength = 64 << 20

    package init(time: NodeTime, tree: ResticID, paths: [String]) {
        self.time = time
        self.tree = tree
        self.paths = paths
    }
}

/// What a backup did, kept in its snapshot.
package struct SnapshotSummary: Sendable, Hashable {
    package var backupStart: NodeTime
    package var backupEnd: NodeTime
    package var filesNew: UInt64 = 0
    package var filesChanged: UInt64 = 0
    package var filesUnmodified: UInt64 = 0
    package var directoriesNew: UInt64 = 0
    package var directoriesChanged: UInt64 = 0
    package var directoriesUnmodified: UInt64 = 0
    /// New blobs.
    package var dataBlobs: UInt64 = 0
    package var treeBlobs: UInt64 = 0
    /// Bytes of new blobs before compression.
    package var dataAdded: UInt64 = 0
    /// Bytes of new blobs as stored.
    package var dataAddedPacked: UInt64 = 0
    package var totalFilesProcessed: UInt64 = 0
    package var totalBytesProcessed: UInt64 = 0
    /// As in the snapshot itself.
    package var unknownMembers: [UnknownMember] = []

    package init(backupStart: NodeTime, backupEnd: NodeTime) {
        self.backupStart = backupStart
        self.backupEnd = backupEnd
    }
}
