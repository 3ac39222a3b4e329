package import Basics

/// An instant with the zone that it is written in.
///
/// The zone is part of a tree's text and so of its id, but not of the instant: compare `instant`, not the values, to see
/// whether a file has changed. Years outside 0...9999 cannot be written: `init` moves them to the nearest such year.
package struct NodeTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64
    /// 0 to 999,999,999.
    package let nanoseconds: Int32
    /// Seconds east of UTC.
    package let zoneOffset: Int32

    /// 0000-01-01T00:00:00Z.
    static let firstSecond: Int64 = -62_167_219_200
    /// 9999-12-31T23:59:59Z.
    static let lastSecond: Int64 = 253_402_300_799

    /// - Parameter zoneOffset: less than a day; taken as UTC otherwise.
    /// - Precondition: `nanoseconds` is in range.
    package init(seconds: Int64, nanoseconds: Int32 = 0, zoneOffset: Int32 = 0) {
        precondition((0..<1_000_000_000).contains(nanoseconds), "nanoseconds out of range: \(nanoseconds)")
        let offset = abs(zoneOffset) < 86_400 ? zoneOffset : 0
        self.nanoseconds = nanoseconds
        self.zoneOffset = offset
        self.seconds = NodeTime.clamped(seconds, offset: Int64(offset))
    }

    /// The instant in the zone that `zones` has for it.
    package init(seconds: Int64, nanoseconds: Int32 = 0, zones: ZoneTable) {
        self.init(seconds: seconds, nanoseconds: nanoseconds, zoneOffset: zones.offset(at: seconds))
    }

    package init(_ instant: Timestamp, zoneOffset: Int32 = 0) {
        self.init(seconds: instant.seconds, nanoseconds: instant.nanoseconds, zoneOffset: zoneOffset)
    }

    package init(_ instant: Timestamp, zones: ZoneTable) {
        self.init(instant, zoneOffset: zones.offset(at: instant.seconds))
    }

    package var instant: Timestamp { Timestamp(seconds: seconds, nanoseconds: nanoseconds) }

    package func isSameInstant(as other: NodeTime) -> Bool {
        seconds == other.seconds && nanoseconds == other.nanoseconds
    }
}

/// The offsets from UTC of one time zone, as a value. Whoever reads the system's zone makes one.
package struct ZoneTable: Sendable, Hashable {
    /// The offset before the first change, in seconds east of UTC.
    private let initialOffset: Int32
    /// Instants at which the offset changes, ascending, in seconds since 1970.
    private let changes: [Int64]
    private let offsets: [Int32]

    package static let utc = ZoneTable(initialOffset: 0, changes: [])

    /// - Parameter changes: in any order; of two at one instant the later one counts.
    package init(initialOffset: Int32, changes: [(at: Int64, offset: Int32)]) {
        self.initialOffset = initialOffset
        let sorted = changes.sorted { $0.at < $1.at }
        self.changes = sorted.map(\.at)
        offsets = sorted.map(\.offset)
    }

    /// Finds the changes of a zone by asking for single instants, for whoever has only `localtime_r(3)`.
    /// - Parameter offset: seconds east of UTC at an instant; asked about once for each week of `years`, and 20 times for
    ///   each change. Two changes within a week are not seen.
    package init(sampling years: ClosedRange<Int> = 1900...2120, offset: (Int64) -> Int32) {
        let week: Int64 = 7 * 86_400
        var instant = (Int64(years.lowerBound) - 1970) * 31_556_952
        let end = (Int64(years.upperBound) + 1 - 1970) * 31_556_952
        var current = offset(instant)
        let initial = current
        var changes: [(at: Int64, offset: Int32)] = []
        while instant < end {
            let next = instant + week
            let found = offset(next)
            if found != current {
                changes.append((ZoneTable.change(from: instant, to: next, leaving: current, offset), found))
                current = found
            }
            instant = next
        }
        self.init(initialOffset: initial, changes: changes)
    }

    /// Seconds east of UTC at `instant`.
    package func offset(at instant: Int64) -> Int32 {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : offsets[low - 1]
    }

    /// The first second in `low..<high` that no longer has the offset `old`.
    private static func change(from low: Int64, to high: Int64, leaving old: Int32, _ offset: (Int64) -> Int32) -> Int64
    {
        var low = low
        var high = high
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}

extension NodeTime {
    /// `seconds` with its local year moved into 0...9999, the rest of the date kept.
    private static func clamped(_ seconds: Int64, offset: Int64) -> Int64 {
        let inRange = seconds >= firstSecond - offset && seconds <= lastSecond - offset
        if inRange { return seconds }
        // 400 years are a whole number of days: within the limits, the date repeats.
        let cycle: Int64 = 146_097 * 86_400
        let bounded = min(max(seconds, .min / 2), .max / 2)
        let isEarly = bounded < 0
        let moved = (bounded + offset - firstSecond) % cycle
        let local = CalendarDate.withYear(isEarly ? 0 : 9999, of: firstSecond + (moved < 0 ? moved + cycle : moved))
        return local - offset
    }
}
