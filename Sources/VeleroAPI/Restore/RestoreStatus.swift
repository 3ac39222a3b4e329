package import Basics

/// What became of a restore. Source: Velero 1.18, `RestoreStatus`.
package struct RestoreStatus: FieldCoded {
    package var phase: RestorePhase?
    package var validationErrors: [String] = []
    package var warnings: Int?
    package var errors: Int?
    package var failureReason: String?
    package var startTimestamp: Timestamp?
    package var completionTimestamp: Timestamp?
    package var totalItems: Int?
    package var itemsRestored: Int?
    package var itemOperationsAttempted: Int?
    package var itemOperationsCompleted: Int?
    package var itemOperationsFailed: Int?
    package var hooksAttempted: Int?
    package var hooksFailed: Int?

    package init() {}

    package static let fields: [JSONField<RestoreStatus>] = [
        .word("phase", at: \.phase),
        .strings("validationErrors", at: \.validationErrors),
        .int("warnings", at: \.warnings),
        .int("errors", at: \.errors),
        .string("failureReason", at: \.failureReason),
        .time("startTimestamp", at: \.startTimestamp),
        .time("completionTimestamp", at: \.completionTimestamp),
        .int("progress", "totalItems", at: \.totalItems),
        .int("progress", "itemsRestored", at: \.itemsRestored),
        .int("restoreItemOperationsAttempted", at: \.itemOperationsAttempted),
        .int("restoreItemOperationsCompleted", at: \.itemOperationsCompleted),
        .int("restoreItemOperationsFailed", at: \.itemOperationsFailed),
        .int("hookStatus", "hooksAttempted", at: \.hooksAttempted),
        .int("hookStatus", "hooksFailed", at: \.hooksFailed),
    ]
}
