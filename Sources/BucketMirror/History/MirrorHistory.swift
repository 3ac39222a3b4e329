package import Basics
package import ObjectStorage

/// The past of a backup bucket: a log in segments, each with the hash of the one before, and the versions or moved objects
/// that it points to. Readable without an index, from the target alone.
package struct MirrorHistory: Sendable {
    package let store: any ObjectStore

    package init(store: any ObjectStore) { self.store = store }

    /// Reads the whole log and checks the chain.
    /// - Throws: `.history` if a segment is missing, altered or out of order.
    package func check() async throws(MirrorError) -> HistorySummary {
        throw MirrorError(.history, "the history is not built yet")
    }
}

package struct HistorySummary: Sendable, Hashable {
    package var segments = 0
    package var entries = 0
    /// The hash of the last segment: whoever notes it down can tell later that nothing before it was altered.
    package var head: String?
    package var first: Timestamp?
    package var last: Timestamp?

    package init() {}
}

/// Which old versions are kept: a plan, made from times alone. Source: reference design, "thin out".
package struct HistoryRetention: Sendable, Hashable {
    /// Everything younger is kept.
    package var all: Duration = .seconds(48 * 3600)
    /// Then the last of each hour, up to this age.
    package var hourly: Duration = .seconds(14 * 86_400)
    /// Then the last of each day, up to this age.
    package var daily: Duration = .seconds(90 * 86_400)

    package init() {}
}

/// What thinning out did, or would do.
package struct ThinningReport: Sendable, Hashable {
    package var versions = 0
    package var removed = 0
    package var bytesRemoved: Int64 = 0
    /// Still locked by the store.
    package var locked = 0

    package init() {}
}

/// Removes versions and moved objects that `retention` does not keep; never what is the newest of its key, unless the key
/// was deleted longer ago than everything kept.
package struct HistoryThinning: Sendable {
    package let store: any ObjectStore
    package let retention: HistoryRetention
    package let wallClock: WallClock

    package init(store: any ObjectStore, retention: HistoryRetention, wallClock: WallClock) {
        self.store = store
        self.retention = retention
        self.wallClock = wallClock
    }

    package func run(isDryRun: Bool) async throws(MirrorError) -> ThinningReport {
        throw MirrorError(.history, "thinning is not built yet")
    }
}
