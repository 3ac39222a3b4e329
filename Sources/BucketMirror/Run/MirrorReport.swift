import Basics
package import ObjectStorage

/// What a run did, in numbers; also while it is under way.
package struct MirrorCounts: Sendable, Hashable {
    /// Objects of the source that were looked at, after selection.
    package var compared = 0
    package var equal = 0
    package var copied = 0
    /// Of objects that were copied.
    package var bytesCopied: Int64 = 0
    /// Objects whose metadata or tags alone were renewed.
    package var annotated = 0
    package var removed = 0
    /// Gone at the source, and kept at the target by policy.
    package var kept = 0
    /// Gone at the source, and not deleted because of the brake.
    package var held = 0
    /// Vanished at the source before they could be copied.
    package var vanished = 0
    /// Written later at the target than at the source, and different: overwritten, or kept with `keepsNewer`.
    package var newer = 0
    package var failed = 0
    /// Began again because the object changed while it was copied.
    package var restarted = 0
    /// What is known to be still to do; grows while the scan goes on.
    package var planned = 0
    package var bytesPlanned: Int64 = 0

    package init() {}
}

/// One object that is not as it should be at the end of a run.
package struct MirrorFailure: Sendable {
    package enum Doing: String, Sendable { case read, write, compare, remove, overwrite }

    package let key: ObjectKey
    package let doing: Doing
    package let side: MirrorError.Side
    package let error: StoreError

    package init(key: ObjectKey, doing: Doing, side: MirrorError.Side, error: StoreError) {
        self.key = key
        self.doing = doing
        self.side = side
        self.error = error
    }
}

package struct MirrorReport: Sendable {
    package var counts = MirrorCounts()
    /// The first of them, `MirrorOptions.keptFailures` at most.
    package var failures: [MirrorFailure] = []
    package var elapsed: Duration = .zero

    package init() {}

    /// Whether everything that was asked for is done.
    package var isComplete: Bool { counts.failed == 0 && counts.held == 0 }
}

/// What happens, as it happens.
package enum MirrorEvent: Sendable {
    /// A dry run would copy this.
    case wouldCopy(ObjectInfo, Difference.Reason)
    case wouldRemove(ObjectKey)
    /// `source` is from the GET answer: what was really copied.
    case copied(source: ObjectInfo, target: ObjectInfo, Difference.Reason)
    case removed(ObjectKey)
    /// Gone at the source, kept at the target. Of a restore: written after the instant, and kept.
    case kept(ObjectKey)
    case failed(MirrorFailure)
    /// So many deletes wait for somebody to say that they are meant.
    case held(count: Int, known: Int)
    /// Of a service: the state of a pair changed; see `MirrorMetrics`.
    case paused(MirrorError)
    case resumed
    case gap(MirrorGap)
    case lease(LeaseNews)
    case scanned(MirrorReport)
}

/// Is told what happens, from many tasks at once, in their time: it must be quick.
package protocol MirrorObserver: Sendable {
    func observe(_ event: MirrorEvent)
}

/// Nobody watches.
package struct NoMirrorObserver: MirrorObserver {
    package init() {}
    package func observe(_ event: MirrorEvent) {}
}
