package import Basics
import ObjectStorage

package struct RestoreOptions: Sendable {
    /// The instant to bring back, by the source's time; nil for the latest state.
    package var at: Timestamp?
    /// Only keys that begin with it.
    package var prefix = ""
    /// Replaces objects of the destination that were written after `at`; else they are kept and reported.
    package var overwritesNewer = false
    /// Deletes objects of the destination that did not exist at that time.
    package var removesExtra = false
    package var isDryRun = false
    package var workers = 32
    package var memory = ByteCount.mebibytes(96)
    /// Where large states are sorted; a folder for temporary files.
    package var scratchFolder = "/tmp"

    package init(_ change: (inout RestoreOptions) -> Void = { _ in }) { change(&self) }
}

/// Brings a bucket back as it was at an instant: copies only what differs, by content, and proves it.
package struct BucketRestore: Sendable {
    let backup: MirrorEndpoint
    let destination: MirrorEndpoint
    let options: RestoreOptions
    let tools: MirrorTools

    package init(backup: MirrorEndpoint, destination: MirrorEndpoint, options: RestoreOptions, tools: MirrorTools) {
        self.backup = backup
        self.destination = destination
        self.options = options
        self.tools = tools
    }

    /// Runs to the end; may be repeated, and then does what is left.
    package func run() async throws(MirrorError) -> RestoreReport {
        throw MirrorError(.invalid, "restoring is not built yet")
    }
}

package struct RestoreReport: Sendable {
    package var mirror = MirrorReport()
    /// Objects that existed at that time.
    package var objects = 0
    package var bytes: Int64 = 0
    /// At the destination, written later than the instant, different, and kept.
    package var newerKept = 0
    /// Needed, and not in the backup any more; listed among the failures.
    package var lost = 0

    package init() {}

    package var isComplete: Bool { mirror.isComplete && lost == 0 && newerKept == 0 }
}
