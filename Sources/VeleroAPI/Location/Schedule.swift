package import Basics
package import KubernetesModel

/// A backup to be made again and again. Source: Velero 1.18, `Schedule`.
package struct Schedule: VeleroObject {
    package static let kind = "Schedule"
    package static let plural = "schedules"

    package var object: APIObject
    package var spec: Spec
    package var status: Status

    package init(object: APIObject, spec: Spec, status: Status) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    package struct Spec: FieldCoded {
        /// Five fields of cron, `@daily` and the like, or `@every 1h30m`.
        package var schedule = ""
        package var template: BackupSpec?
        package var usesOwnerReferences: Bool?
        package var isPaused: Bool?
        package var skipImmediately: Bool?

        package init() {}

        package static let fields: [JSONField<Spec>] = [
            .text("schedule", at: \.schedule),
            .nested("template", at: \.template),
            .bool("useOwnerReferencesInBackup", at: \.usesOwnerReferences),
            .bool("paused", at: \.isPaused),
            .bool("skipImmediately", at: \.skipImmediately),
        ]
    }

    package enum Phase: String, Sendable {
        case new = "New", enabled = "Enabled", failedValidation = "FailedValidation"
    }

    package struct Status: FieldCoded {
        package var phase: Phase?
        package var lastBackup: Timestamp?
        package var lastSkipped: Timestamp?
        package var validationErrors: [String] = []

        package init() {}

        package static let fields: [JSONField<Status>] = [
            .word("phase", at: \.phase),
            .time("lastBackup", at: \.lastBackup),
            .time("lastSkipped", at: \.lastSkipped),
            .strings("validationErrors", at: \.validationErrors),
        ]
    }
}
