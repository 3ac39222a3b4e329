package import Basics
package import KubernetesModel

/// A bucket for backups. Source: Velero 1.18, `BackupStorageLocation`.
package struct BackupStorageLocation: VeleroObject {
    package static let kind = "BackupStorageLocation"
    package static let plural = "backupstoragelocations"

    package var object: APIObject
    package var spec: Spec
    package var status: Status

    package init(object: APIObject, spec: Spec, status: Status) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    package struct Spec: FieldCoded {
        package var provider = ""
        package var config: [String: String] = [:]
        /// The Secret, in the same namespace, and its key that hold the credentials.
        package var credentialName: String?
        package var credentialKey: String?
        package var bucket = ""
        package var prefix = ""
        /// PEM in base64.
        package var caCert: String?
        package var isDefault: Bool?
        package var accessMode: AccessMode?
        package var backupSyncPeriod: Duration?
        package var validationFrequency: Duration?

        package init() {}

        package static let fields: [JSONField<Spec>] = [
            .text("provider", at: \.provider),
            .stringMap("config", at: \.config),
            .string("credential", "name", at: \.credentialName),
            .string("credential", "key", at: \.credentialKey),
            .text("objectStorage", "bucket", at: \.bucket),
            .text("objectStorage", "prefix", at: \.prefix),
            .string("objectStorage", "caCert", at: \.caCert),
            .bool("default", at: \.isDefault),
            .word("accessMode", at: \.accessMode),
            .duration("backupSyncPeriod", at: \.backupSyncPeriod),
            .duration("validationFrequency", at: \.validationFrequency),
        ]
    }

    package enum AccessMode: String, Sendable { case readWrite = "ReadWrite", readOnly = "ReadOnly" }
    package enum Phase: String, Sendable { case available = "Available", unavailable = "Unavailable" }

    package struct Status: FieldCoded {
        package var phase: Phase?
        package var lastSyncedTime: Timestamp?
        package var lastValidationTime: Timestamp?
        package var message: String?

        package init() {}

        package static let fields: [JSONField<Status>] = [
            .word("phase", at: \.phase),
            .time("lastSyncedTime", at: \.lastSyncedTime),
            .time("lastValidationTime", at: \.lastValidationTime),
            .string("message", at: \.message),
        ]
    }

    package var isReadOnly: Bool { spec.accessMode == .readOnly }
}
