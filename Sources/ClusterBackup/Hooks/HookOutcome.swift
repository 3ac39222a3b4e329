/// What is to be said about the hooks of a pod. Both kinds of weight are Velero's: an error makes a backup partly failed.
package struct HookMessage: Sendable, Hashable {
    package enum Level: Sendable, Hashable { case warning, error }

    package let level: Level
    /// One line, about the pod.
    package let text: String

    package init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }
}

/// What became of the hooks of a pod.
package struct HookOutcome: Sendable, Hashable {
    /// Whether the work between the hooks was done. If not, a message says why.
    package var hasWorked = false
    /// Hooks that were begun, and those of them that did not succeed. Source: reference section 7.1, `hookStatus`.
    package var attempted = 0
    package var failed = 0
    package var messages: [HookMessage] = []

    package init() {}
}

/// How long things may take around hooks.
package struct HookSettings: Sendable, Hashable {
    /// A file system is thawed when its guard in the pod has heard nothing from here for so long.
    package var silence = Duration.seconds(60)
    /// A file system is thawed after this time whatever happens; a pod may say otherwise by annotation.
    package var longestFreeze = Duration.seconds(600)
    /// Who runs the hooks: `backup velero/nightly`, and which process. A successor of the same name takes over at once.
    package var holder: String

    /// Between two signs of life to a guard.
    var beat: Duration { silence / 6 }
    /// After this a note in the cluster belongs to nobody, unless it was renewed.
    var noteLasts: Duration { silence * 3 }
    /// For a guard that is let go of: until its own thaw is done.
    static let lastWords = Duration.seconds(90)
    /// How often a thaw is tried from here, and the pause before the second try; it doubles.
    static let thawTries = 5
    static let thawPause = Duration.seconds(1)

    package init(holder: String) { self.holder = holder }
}
