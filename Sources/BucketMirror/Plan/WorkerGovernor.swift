/// How many objects may be under way at once: grows while things go well, halves when a store asks to slow down. Pure.
package struct WorkerGovernor: Sendable, Hashable {
    private let ceiling: Int
    /// Successes since the limit last changed.
    private var streak = 0
    package private(set) var limit: Int

    /// - Parameter ceiling: at least 1.
    package init(ceiling: Int) {
        self.ceiling = max(1, ceiling)
        limit = min(8, self.ceiling)
    }

    package mutating func succeeded() {
        streak += 1
        guard streak >= limit, limit < ceiling else { return }
        limit += 1
        streak = 0
    }

    package mutating func slowedDown() {
        // The requests under way at that moment fail together: only the first of them halves.
        guard streak >= limit / 2 || limit == ceiling else { return }
        limit = max(1, limit / 2)
        streak = 0
    }
}
