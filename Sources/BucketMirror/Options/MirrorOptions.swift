package import Basics
package import ObjectStorage

/// One side of a mirror: a bucket, a prefix of one, or a folder.
package struct MirrorEndpoint: Sendable {
    package var store: any ObjectStore
    /// For people, as they wrote it: `local/radar-output-storage`. Never a secret.
    package var name: String

    package init(store: any ObjectStore, name: String) {
        self.store = store
        self.name = name
    }
}

/// What a mirror does; the defaults copy everything that differs and delete nothing.
package struct MirrorOptions: Sendable, Hashable {
    /// Which objects of the source count, by name, age and class.
    package var selection = MirrorSelection()
    /// Whether objects that exist on both sides and differ are copied; else each is a failure, as with mc.
    package var overwrites = true
    package var deletes = DeletePolicy.keep
    /// Whether objects of the target that were written later than those of the source stay as they are. Without it they
    /// are overwritten, and counted: a restore into a bucket that lives on replaces what was written since.
    package var keepsNewer = false
    /// How many deletes at once are still normal; nil lets all happen.
    package var brake: MassDeleteBrake? = MassDeleteBrake()
    package var history = HistoryMode.automatic
    /// With an index: when the target was last listed longer ago than this, it is listed again. What somebody else did to it is
    /// found then.
    package var targetScanInterval = Duration.seconds(86_400)
    /// Whoever writes a history takes the lease of the target first. Nil if it is certain that nobody else writes there.
    package var lease: LeaseTerms?
    /// Only says what would be done.
    package var isDryRun = false

    /// Tags travel with the object where both stores have them.
    package var copiesTags = true
    /// Beside the source's own: metadata, and headers of `ObjectHeader.kept`, that every copy gets.
    package var addedMetadata: [String: String] = [:]
    package var addedHeaders: [String: String] = [:]
    /// Nil for the target's default; the source's class is never copied.
    package var storageClass: String?
    /// Locks every copy, and the log, against deletion for so long, on targets with object lock.
    package var lock: CopyLock?
    /// Whether copies carry `martlet-source-etag` and `martlet-source-modified` as metadata. Without an index, it is what
    /// tells equal objects from others on stores whose tags are no digests.
    package var stamps = StampPolicy.whenNeeded

    /// How many objects are under way at once, at most; the mirror begins with a few and goes slower when told to.
    package var workers = 32
    /// Bytes of objects in memory at once, at most. At least two parts are always let in.
    package var memory = ByteCount.mebibytes(64)
    /// Larger objects are streamed or sent in parts, smaller ones are read whole.
    package var largeObject = ByteCount.mebibytes(8)
    /// Of large objects whose parts nobody knows; at least 5 MiB on S3.
    package var partSize = ByteCount.mebibytes(16)
    /// How many parts of one object are under way at once.
    package var partWorkers = 4
    /// How often an object that changes while it is copied is begun again before it counts as failed (or, watching,
    /// waits for its next turn).
    package var tries = 4
    /// How many failures are kept with key and reason; all are counted.
    package var keptFailures = 1000

    package init(_ change: (inout MirrorOptions) -> Void = { _ in }) { change(&self) }
}

/// How long copies cannot be deleted by anybody who has the target's keys.
package struct CopyLock: Sendable, Hashable {
    package var mode: ObjectRetention.Mode
    package var duration: Duration

    package init(mode: ObjectRetention.Mode = .governance, duration: Duration) {
        self.mode = mode
        self.duration = duration
    }

    func retention(from now: Timestamp) -> ObjectRetention { ObjectRetention(mode: mode, until: now + duration) }
}

/// What happens to the copy when the source's object is gone.
package enum DeletePolicy: String, Sendable, CaseIterable {
    /// It stays; the history notes when it went at the source.
    case keep
    /// It goes. With a history, its bytes stay reachable: as an older version, or moved beneath the history's prefix.
    case propagate
}

package enum HistoryMode: String, Sendable, CaseIterable {
    /// A log of what happened when; what would be destroyed moves away first on targets that keep no versions.
    case full
    /// `full` where the target keeps versions or has objects of a history already; else only the present is kept, and
    /// `DeletePolicy.propagate` moves objects away before it deletes them.
    case automatic
    /// Nothing is noted and nothing is moved away: deletes and overwrites destroy.
    case off
}

/// Whether copies say in their metadata what they are copies of.
package enum StampPolicy: String, Sendable, CaseIterable {
    case always
    /// Where the tags of the copy and of its source do not show that they are equal.
    case whenNeeded
    case never
}

/// Stops deleting when more goes at once than is normal, and asks. Source: reference design, "Deletes".
package struct MassDeleteBrake: Sendable, Hashable {
    /// So many are always normal.
    package var count: Int
    /// Of the keys that the last scan saw, 0 to 1.
    package var share: Double

    package init(count: Int = 1000, share: Double = 0.05) {
        self.count = count
        self.share = share
    }

    /// Whether deleting `candidates` of `known` keys is too much.
    package func holds(candidates: Int, known: Int) -> Bool {
        candidates > Swift.max(count, Int(Double(known) * share))
    }
}
