/// Where a PodVolumeBackup or PodVolumeRestore stands. Source: Velero 1.18; `Accepted`, `Prepared` and the cancel phases are
/// of 1.17.
package enum PodVolumePhase: String, Sendable, CaseIterable {
    case new = "New"
    case accepted = "Accepted"
    case prepared = "Prepared"
    case inProgress = "InProgress"
    case canceling = "Canceling"
    case completed = "Completed"
    case failed = "Failed"
    case canceled = "Canceled"

    /// - Parameter text: of the status; absent and empty are new, an unknown word is somebody's work under way.
    package init(_ text: String?) {
        guard let text, !text.isEmpty else {
            self = .new
            return
        }
        self = PodVolumePhase(rawValue: text) ?? .inProgress
    }

    /// Nothing more happens to it.
    package var isTerminal: Bool {
        switch self {
        case .completed, .failed, .canceled: true
        case .new, .accepted, .prepared, .inProgress, .canceling: false
        }
    }
}
