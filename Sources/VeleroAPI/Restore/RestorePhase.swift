/// Where a Restore stands. A phase of a newer Velero is kept as its text.
package struct RestorePhase: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let new = RestorePhase(rawValue: "New")
    package static let failedValidation = RestorePhase(rawValue: "FailedValidation")
    package static let inProgress = RestorePhase(rawValue: "InProgress")
    package static let waitingForPluginOperations = RestorePhase(rawValue: "WaitingForPluginOperations")
    package static let waitingForPluginOperationsPartiallyFailed = RestorePhase(
        rawValue: "WaitingForPluginOperationsPartiallyFailed")
    package static let finalizing = RestorePhase(rawValue: "Finalizing")
    package static let finalizingPartiallyFailed = RestorePhase(rawValue: "FinalizingPartiallyFailed")
    package static let completed = RestorePhase(rawValue: "Completed")
    package static let partiallyFailed = RestorePhase(rawValue: "PartiallyFailed")
    package static let failed = RestorePhase(rawValue: "Failed")

    package static let known: [RestorePhase] = [
        .new, .failedValidation, .inProgress, .waitingForPluginOperations, .waitingForPluginOperationsPartiallyFailed,
        .finalizing, .finalizingPartiallyFailed, .completed, .partiallyFailed, .failed,
    ]

    /// Nothing more will happen to the restore by itself.
    package var isTerminal: Bool {
        switch self {
        case .failedValidation, .completed, .partiallyFailed, .failed: true
        default: false
        }
    }

    package var description: String { rawValue }
}
