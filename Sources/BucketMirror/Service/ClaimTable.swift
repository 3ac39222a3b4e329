package import Basics
package import ObjectStorage

/// Which keys need a look, and who looks: a mark says "look again", however many changes it stands for. Pure; time is
/// handed in, as the span since some start.
///
/// Every key has at most one claim at a time. A mark that comes while a key is claimed makes it due again afterwards: it
/// may be about a state newer than the one that is being copied. Memory: about 400 bytes for each key, `limit` keys.
package struct ClaimTable: Sendable {
    /// What is known of a key that needs a look.
    package struct Mark: Sendable, Hashable {
        package var key: ObjectKey
        /// By the wall clock: everything older than the oldest of these is in the backup.
        package var seen: Timestamp
        /// What a listing showed; nil for an event.
        package var expected: ObjectInfo?
        package var reason: Difference.Reason

        package init(key: ObjectKey, seen: Timestamp, expected: ObjectInfo? = nil, reason: Difference.Reason) {
            self.key = key
            self.seen = seen
            self.expected = expected
            self.reason = reason
        }
    }

    package enum Ending: Sendable, Hashable {
        case done
        /// Tried again not before.
        case again(at: Duration)
        /// Tried rarely from now on.
        case quarantined(until: Duration)
    }

    private struct Entry {
        var mark: Mark
        var first: Duration
        var last: Duration
        var notBefore: Duration = .zero
        var tries = 0
        var isClaimed = false
        var isMarkedAgain = false
        var isQuarantined = false
    }

    private let limit: Int
    private let settle: Duration
    private let settleAtMost: Duration
    private var entries: [ObjectKey: Entry] = [:]
    private var due = DueHeap()
    package private(set) var claimed = 0
    package private(set) var quarantined = 0
    package private(set) var bytes: Int64 = 0

    package init(limit: Int = 200_000, settle: Duration = .zero, settleAtMost: Duration = .seconds(900)) {
        self.limit = limit
        self.settle = settle
        self.settleAtMost = settleAtMost
    }

    /// Keys that are not as they should be, as far as is known.
    package var count: Int { entries.count }
    package var isFull: Bool { entries.count >= limit }

    package func contains(_ key: ObjectKey) -> Bool { entries[key] != nil }

    /// - Returns: false if the table is full and does not know the key: the mark is lost.
    package mutating func mark(_ mark: Mark, now: Duration) -> Bool {
        guard var entry = entries[mark.key] else {
            guard !isFull else { return false }
            bytes += mark.expected?.size ?? 0
            entries[mark.key] = Entry(mark: mark, first: now, last: now)
            due.push(now + settle, mark.key)
            return true
        }
        // A scan that sees the same key again is no new change: it must not keep it from settling.
        if mark.expected == nil { entry.last = now }
        if entry.mark.reason == .annotations { entry.mark.reason = mark.reason }
        if entry.isClaimed {
            entry.isMarkedAgain = true
        } else if entry.isQuarantined {
            // Something happened to it: it may be well again.
            entry.isQuarantined = false
            quarantined -= 1
            entry.notBefore = now
            due.push(now + settle, mark.key)
        }
        entries[mark.key] = entry
        return true
    }

    /// The next key that is due; nil if none is.
    package mutating func claim(now: Duration) -> (mark: Mark, tries: Int)? {
        while let key = due.pop(upTo: now) {
            guard var entry = entries[key], !entry.isClaimed else { continue }
            let ready = ready(entry)
            guard ready <= now else {
                // It moved on since it was put into the heap.
                due.push(ready, key)
                continue
            }
            entry.isClaimed = true
            entry.isMarkedAgain = false
            entries[key] = entry
            claimed += 1
            return (entry.mark, entry.tries)
        }
        return nil
    }

    /// Claims all of `keys` that nobody has: for work on many at once, at most 1,000. The others are looked at again later.
    package mutating func claimAll(_ keys: [ObjectKey], now: Duration, seen: Timestamp) -> [ObjectKey] {
        keys.filter { key in
            var entry =
                entries[key] ?? Entry(mark: Mark(key: key, seen: seen, reason: .event), first: now, last: now)
            guard !entry.isClaimed else {
                entries[key]?.isMarkedAgain = true
                return false
            }
            entry.isClaimed = true
            entry.isMarkedAgain = false
            entries[key] = entry
            claimed += 1
            return true
        }
    }

    package mutating func finish(_ key: ObjectKey, _ ending: Ending, now: Duration, seen: Timestamp) {
        guard var entry = entries[key], entry.isClaimed else { return }
        entry.isClaimed = false
        claimed -= 1
        switch ending {
        case .done where !entry.isMarkedAgain:
            remove(entry)
            return
        case .done:
            bytes -= entry.mark.expected?.size ?? 0
            entry.mark.expected = nil
            entry.mark.seen = seen
            entry.first = now
            entry.last = now
            entry.tries = 0
            setQuarantined(false, &entry)
        case .again(let time):
            entry.notBefore = time
            entry.tries += 1
        case .quarantined(let time):
            entry.notBefore = time
            entry.tries += 1
            setQuarantined(true, &entry)
        }
        entries[key] = entry
        due.push(ready(entry), key)
    }

    /// The oldest change that is not copied yet. Linear; for metrics.
    package var oldest: (seen: Timestamp, first: Duration)? {
        var oldest: Entry?
        for entry in entries.values where oldest.map({ entry.first < $0.first }) ?? true { oldest = entry }
        return oldest.map { ($0.mark.seen, $0.first) }
    }

    /// When the next key may be due; nil if there is none that is not claimed.
    package var nextDue: Duration? { due.first }

    private func ready(_ entry: Entry) -> Duration {
        max(entry.notBefore, min(entry.last + settle, entry.first + max(settle, settleAtMost)))
    }

    private mutating func setQuarantined(_ isQuarantined: Bool, _ entry: inout Entry) {
        guard entry.isQuarantined != isQuarantined else { return }
        entry.isQuarantined = isQuarantined
        quarantined += isQuarantined ? 1 : -1
    }

    private mutating func remove(_ entry: Entry) {
        bytes -= entry.mark.expected?.size ?? 0
        if entry.isQuarantined { quarantined -= 1 }
        entries[entry.mark.key] = nil
    }
}

/// Keys by the time when they are due, the earliest first. A key may be in it more than once.
struct DueHeap: Sendable {
    private var items: [(time: Duration, key: ObjectKey)] = []

    var first: Duration? { items.first?.time }

    mutating func push(_ time: Duration, _ key: ObjectKey) {
        items.append((time, key))
        var child = items.count - 1
        while child > 0, items[child].time < items[(child - 1) / 2].time {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The earliest key, if it is due by `now`.
    mutating func pop(upTo now: Duration) -> ObjectKey? {
        guard let top = items.first, top.time <= now else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return top.key }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
                if items[child].time < items[least].time { least = child }
            }
            guard least != parent else { return top.key }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
