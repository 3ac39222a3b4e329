/// How many objects may be under way at once: grows while things go well, halves when a store asks to slow down. Pure.
///
/// It doubles from round to round until a store asks for the first time, and grows by one a round from then on: on a long
/// line a mirror of a few thousand objects is over before one a round gets anywhere.
package struct WorkerGovernor: Sendable, Hashable {
    private let ceiling: Int
    /// Successes since the limit last changed.
    private var streak = 0
    private var wasSlowed = false
    package private(set) var limit: Int

    /// - Parameter ceiling: at least 1.
    package init(ceiling: Int) {
        self.ceiling = max(1, ceiling)
        limit = min(8, self.ceiling)
    }

    package mutating func succeeded() {
        streak += 1
        guard !wasSlowed || streak >= limit, limit < ceiling else { return }
        limit += 1
        guard wasSlowed else { return }
        streak = 0
    }

    package mutating func slowedDown() {
        // The requests under way at that moment fail together: only the first of them halves.
        guard streak >= limit / 2 || limit == ceiling else { return }
        wasSlowed = true
        limit = max(1, limit / 2)
        streak = 0
    }
}
