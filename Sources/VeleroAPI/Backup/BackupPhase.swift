/// Where a Backup stands. A phase of a newer Velero is kept as its text.
package struct BackupPhase: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let new = BackupPhase(rawValue: "New")
    package static let queued = BackupPhase(rawValue: "Queued")
    package static let readyToStart = BackupPhase(rawValue: "ReadyToStart")
    package static let failedValidation = BackupPhase(rawValue: "FailedValidation")
    package static let inProgress = BackupPhase(rawValue: "InProgress")
    package static let waitingForPluginOperations = BackupPhase(rawValue: "WaitingForPluginOperations")
    package static let waitingForPluginOperationsPartiallyFailed = BackupPhase(
        rawValue: "WaitingForPluginOperationsPartiallyFailed")
    package static let finalizing = BackupPhase(rawValue: "Finalizing")
    package static let finalizingPartiallyFailed = BackupPhase(rawValue: "FinalizingPartiallyFailed")
    package static let completed = BackupPhase(rawValue: "Completed")
    package static let partiallyFailed = BackupPhase(rawValue: "PartiallyFailed")
    package static let failed = BackupPhase(rawValue: "Failed")
    package static let deleting = BackupPhase(rawValue: "Deleting")

    package static let known: [BackupPhase] = [
        .new, .queued, .readyToStart, .failedValidation, .inProgress, .waitingForPluginOperations,
        .waitingForPluginOperationsPartiallyFailed, .finalizing, .finalizingPartiallyFailed, .completed,
        .partiallyFailed, .failed, .deleting,
    ]

    /// Nothing more will happen to the backup by itself.
    package var isTerminal: Bool {
        switch self {
        case .failedValidation, .completed, .partiallyFailed, .failed: true
        default: false
        }
    }

    /// There is something to restore from: all of it, or all but what the results name.
    package var isRestorable: Bool { self == .completed || self == .partiallyFailed }

    package var description: String { rawValue }
}
