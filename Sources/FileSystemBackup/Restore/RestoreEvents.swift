import ResticFormat
import Synchronization

/// What a restore tells while it runs. Called from several tasks at once; must return soon.
package typealias RestoreObserver = @Sendable (RestoreEvent) -> Void

package enum RestoreEvent: Sendable {
    case finished(RestorePlan.Line)
    /// An item that is not as in the snapshot. The restore ends with exit code 1.
    case problem(ItemProblem)
}

/// What a restore has done so far, or did.
package struct RestoreCounts: Sendable, Hashable {
    /// What is planned: files and their bytes.
    package var totalFiles: UInt64 = 0
    package var totalBytes: UInt64 = 0
    package var filesRestored: UInt64 = 0
    package var filesSkipped: UInt64 = 0
    package var bytesRestored: UInt64 = 0
    package var bytesSkipped: UInt64 = 0
    /// Files that were verified after they were restored.
    package var filesVerified: UInt64 = 0
    package var deleted: UInt64 = 0
    package var problems: UInt64 = 0

    package init() {}
}

/// The counts of a running restore, to be looked at from anywhere.
package final class RestoreProgress: Sendable {
    private let state = Mutex(RestoreCounts())

    package init() {}

    package var counts: RestoreCounts { state.withLock { $0 } }

    func update(_ change: (inout RestoreCounts) -> Void) { state.withLock { change(&$0) } }
}
