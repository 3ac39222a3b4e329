package import Basics
package import ResticFormat
package import ResticRepository

/// What a backup is to keep, and how.
package struct BackupOptions: Sendable {
    package var rules = ExcludeRules()
    package var detection = ChangeDetection()
    /// Keeps times of last access; otherwise the time of modification stands for them, and trees stay the same.
    package var keepsAccessTime = false
    /// Records the file system only of files with several names, so that trees stay the same when a volume is mounted anew.
    /// Folders then have other trees than restic makes by default.
    package var recordsDeviceOnlyForHardLinks = false
    /// Tasks that read, hash and compress: two for each processor may be under way. Memory: about 20 MiB a worker while files
    /// are large.
    package var workers = Processors.count
    /// Compression and size of packs.
    package var writer = WriterOptions()
    /// Does everything but storing.
    package var isDryRun = false
    /// Saves no snapshot if the tree is that of the parent.
    package var skipsIfUnchanged = false
    /// The snapshot to compare with.
    package var parent: ParentSnapshot?
    /// What goes into the snapshot.
    package var labels = SnapshotLabels()
    /// What relative targets begin at: for a command, the folder that the process works in.
    package var workingFolder: LocalPath = "/"
    /// The zone that times are written in.
    package var zones = SystemZone.table

    package init() {}
}

/// A snapshot that changes are detected against.
package struct ParentSnapshot: Sendable {
    package let id: ResticID
    package let tree: ResticID

    package init(id: ResticID, tree: ResticID) {
        self.id = id
        self.tree = tree
    }
}

/// What a snapshot says about itself beside its tree.
package struct SnapshotLabels: Sendable {
    /// Now, unless a person says otherwise.
    package var time: Timestamp?
    package var hostname = ""
    package var username = ""
    package var userID: UInt32 = 0
    package var groupID: UInt32 = 0
    package var tags: [String] = []
    /// The patterns of the command line, for the record.
    package var excludes: [String] = []
    package var programVersion = "martlet"

    package init() {}
}

/// What a backup led to.
package struct BackupOutcome: Sendable {
    /// Nil in a dry run, and if nothing had changed and that was to be skipped.
    package let snapshotID: ResticID?
    package let snapshot: SnapshotFile
    package let counts: BackupCounts
    /// Whether everything is as it should be: exit code 0, else 3.
    package var isComplete: Bool { counts.problems == 0 }
}
