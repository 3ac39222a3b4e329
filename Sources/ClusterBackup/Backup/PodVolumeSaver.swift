package import VeleroAPI

/// Saves the data of volumes; the other side of `DirectBackup`, which knows nothing of repositories. One side works on this
/// machine, the other has the agents of the nodes do it.
package protocol PodVolumeSaver: Sendable {
    /// Saves volumes of one pod.
    ///
    /// - Parameter volumes: new, with their spec but for `repoIdentifier`.
    /// - Returns: the same, in this order, each in a phase that is terminal. What went wrong is in the status, with a message
    ///   for people. A cancelled task gives phases `Canceled`.
    func save(_ volumes: [PodVolumeBackup]) async -> [PodVolumeBackup]

    /// What there is to say when all is done, about the whole: one line each.
    func warnings() async -> [String]
}

/// What happens around the saving of a pod's volumes: hooks.
package protocol PodBracket: Sendable {
    /// Does what comes before `work`, then `work`, then what comes after it, which is never left out once the first part was
    /// begun.
    func around(_ pod: VolumeChoice.PodDuty, _ work: @escaping @Sendable () async -> Void) async -> BracketOutcome

    /// Called once, before anything else is done.
    func begin() async -> [BracketOutcome.Message]

    /// Hooks that were begun and that failed so far, for the Backup's `hookStatus`; nil from what runs none.
    var hookCounts: (attempted: Int, failed: Int)? { get }
}

extension PodBracket {
    package func begin() async -> [BracketOutcome.Message] { [] }
    package var hookCounts: (attempted: Int, failed: Int)? { nil }
}

/// How much a message weighs: an error makes a backup partly failed.
package enum MessageLevel: Sendable, Hashable { case warning, error }

/// What a bracket has to tell.
package struct BracketOutcome: Sendable, Hashable {
    package struct Message: Sendable, Hashable {
        package let level: MessageLevel
        /// One line, about the pod.
        package let text: String

        package init(_ level: MessageLevel, _ text: String) {
            self.level = level
            self.text = text
        }
    }

    /// Whether `work` was called. If not, the pod's volumes are not saved, and a message says why.
    package var hasWorked: Bool
    package var messages: [Message]

    package init(hasWorked: Bool = true, messages: [Message] = []) {
        self.hasWorked = hasWorked
        self.messages = messages
    }
}

/// Runs no hooks and says so.
struct NoHooks: PodBracket {
    func around(_ pod: VolumeChoice.PodDuty, _ work: @escaping @Sendable () async -> Void) async -> BracketOutcome {
        await work()
        guard PodVolumes(pod.pod).hasHooks else { return BracketOutcome() }
        return BracketOutcome(messages: [
            .init(.warning, "the backup hooks of this pod were not run: this run has no means to run them")
        ])
    }
}
