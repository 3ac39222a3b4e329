package import Basics

/// Which old versions are kept: a plan, made from times alone. Source: reference design, "thin out".
package struct HistoryRetention: Sendable, Hashable {
    /// Everything that became old within so long is kept.
    package var all: Duration = .seconds(48 * 3600)
    /// Then the last of each hour, up to this age.
    package var hourly: Duration = .seconds(14 * 86_400)
    /// Then the last of each day, up to this age.
    package var daily: Duration = .seconds(90 * 86_400)

    package init() {}

    /// One state of one key: from when it was true, and until when.
    package struct State: Sendable, Hashable {
        package var from: Timestamp
        /// When the next state, or the end of the key, came; nil if it is the present.
        package var until: Timestamp?

        package init(from: Timestamp, until: Timestamp?) {
            self.from = from
            self.until = until
        }
    }

    /// Which of the states of one key may go, as indices.
    ///
    /// The present never goes. What was true at the end of a kept hour or day stays, so a restore to the full hour finds
    /// it for as long as hours are kept.
    /// - Parameter states: oldest first.
    package func removable(_ states: [State], now: Timestamp) -> [Int] {
        states.indices.filter { index in
            guard let until = states[index].until else { return false }
            let age = now - until
            if age <= all { return false }
            if age > daily { return true }
            let grain: Int64 = age <= hourly ? 3600 : 86_400
            // Kept if it was true at a full hour or day: some mark lies within from ... until.
            let mark = floorMultiple(until.seconds, of: grain)
            return Timestamp(seconds: mark) < states[index].from
        }
    }

    private func floorMultiple(_ value: Int64, of grain: Int64) -> Int64 {
        let remainder = value % grain
        return value - (remainder < 0 ? remainder + grain : remainder)
    }
}

/// What thinning out did, or would do.
package struct ThinningReport: Sendable, Hashable {
    package var versions = 0
    package var removed = 0
    package var bytesRemoved: Int64 = 0
    /// Of the log: what lies before all that is kept.
    package var segments = 0
    /// Moved away before that, on targets without versions.
    package var moved = 0
    /// Still locked by the store.
    package var locked = 0

    package init() {}
}
