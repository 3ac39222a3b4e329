package import Basics

/// Says what to work on next: each key once at a time, in the order in which they came, failed ones later and later.
///
/// A value without clock or task: moments are durations since a start that the caller chose, and only grow. A key that is
/// added while it is worked on is worked on again afterwards, so that nothing that was told is forgotten, and two workers
/// never meet at one object. Memory: the keys that are waiting, worked on, or failing.
package struct WorkQueue<Key: Hashable & Sendable>: Sendable {
    package enum Step: Sendable, Equatable {
        /// Work on it, and tell with `finished`.
        case work(Key)
        /// Nothing is due before this moment.
        case wait(until: Duration)
        /// Nothing at all to do until somebody adds something.
        case idle
    }

    /// How work on a key ended.
    package enum Outcome: Sendable, Equatable {
        case done
        /// Look again after this time, though nothing changed: a date, a poll.
        case again(after: Duration)
        /// Try again after a pause that grows with each failure in a row.
        case failed
    }

    private struct Working {
        /// Added meanwhile.
        var isDirty = false
    }

    /// Due now, oldest first; `head` is the first that was not taken.
    private var ready: [Key] = []
    private var head = 0
    private var isReady: Set<Key> = []
    private var working: [Key: Working] = [:]
    /// The moment at which a key becomes ready.
    private var delayed: [Key: Duration] = [:]
    private var failures: [Key: Int] = [:]
    private let backoff: Backoff

    package init(backoff: Backoff = Backoff(first: .milliseconds(500), ceiling: .seconds(300))) {
        self.backoff = backoff
    }

    /// Keys that are due and not yet worked on.
    package var depth: Int { isReady.count }

    /// How often in a row a key has failed.
    package func failures(of key: Key) -> Int { failures[key] ?? 0 }

    /// The key has to be looked at. What it waited for before, it need not wait for any more.
    package mutating func add(_ key: Key) {
        delayed[key] = nil
        if working[key] != nil {
            working[key]?.isDirty = true
        } else if isReady.insert(key).inserted {
            ready.append(key)
        }
    }

    /// The key has to be looked at at a moment. An earlier one that was asked for before stays.
    package mutating func add(_ key: Key, at moment: Duration) {
        guard !isReady.contains(key), working[key]?.isDirty != true else { return }
        delayed[key] = min(moment, delayed[key] ?? moment)
    }

    /// What to do at the moment `now`.
    package mutating func next(now: Duration) -> Step {
        promote(now)
        guard head < ready.count else {
            let idle = delayed.filter { working[$0.key] == nil }
            let earliest = idle.values.min()
            return earliest.map { .wait(until: $0) } ?? .idle
        }
        let key = ready[head]
        head += 1
        if head > 64, head * 2 > ready.count {
            ready.removeFirst(head)
            head = 0
        }
        isReady.remove(key)
        working[key] = Working()
        return .work(key)
    }

    /// What was due by `now` becomes ready, the longest due first. A key that is worked on waits for its end.
    private mutating func promote(_ now: Duration) {
        let due = delayed.filter { $0.value <= now && working[$0.key] == nil }.sorted { $0.value < $1.value }
        for (key, _) in due {
            delayed[key] = nil
            if isReady.insert(key).inserted { ready.append(key) }
        }
    }

    /// Work on a key ended, at the moment `now`. One that was never given out is ignored.
    package mutating func finished(
        _ key: Key, _ outcome: Outcome, now: Duration, using random: inout some RandomNumberGenerator
    ) {
        guard let work = working.removeValue(forKey: key) else { return }
        switch outcome {
        case .done: failures[key] = nil
        case .again(let pause):
            failures[key] = nil
            add(key, at: now + max(pause, .zero))
        case .failed:
            let count = failures[key] ?? 0
            failures[key] = count + 1
            add(key, at: now + backoff.pause(afterAttempt: count, using: &random))
        }
        // News about an object are worth a look at once, also after a failure.
        if work.isDirty { add(key) }
    }
}
