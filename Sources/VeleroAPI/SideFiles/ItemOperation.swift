package import Basics
package import KubernetesModel

/// Work that outlives the collecting of items: an element of `NAME-itemoperations.json.gz`. Martlet starts none; it shows
/// those that Velero's plug-ins left. Source: Velero 1.18, `itemoperation.BackupOperation`.
package struct ItemOperation: FieldCoded {
    package var action: String?
    package var operationID: String?
    /// These have capital letters in JSON, because the Go type has no tags.
    package var group: String?
    package var resource: String?
    package var namespace: String?
    package var name: String?
    /// `New`, `InProgress`, `Completed`, `Failed`.
    package var phase: String?
    package var error: String?
    package var completed: Int?
    package var total: Int?
    package var operationUnits: String?
    package var operationDescription: String?
    package var created: Timestamp?
    package var started: Timestamp?
    package var updated: Timestamp?

    package init() {}

    package static let fields: [JSONField<ItemOperation>] = [
        .string("spec", "backupItemAction", at: \.action),
        .string("spec", "operationID", at: \.operationID),
        .string("spec", "resourceIdentifier", "Group", at: \.group),
        .string("spec", "resourceIdentifier", "Resource", at: \.resource),
        .string("spec", "resourceIdentifier", "Namespace", at: \.namespace),
        .string("spec", "resourceIdentifier", "Name", at: \.name),
        .string("status", "phase", at: \.phase),
        .string("status", "error", at: \.error),
        .int("status", "nCompleted", at: \.completed),
        .int("status", "nTotal", at: \.total),
        .string("status", "operationUnits", at: \.operationUnits),
        .string("status", "description", at: \.operationDescription),
        .time("status", "created", at: \.created),
        .time("status", "started", at: \.started),
        .time("status", "updated", at: \.updated),
    ]

    package static func list(_ json: JSONValue) throws(VeleroAPIError) -> [ItemOperation] {
        var operations: [ItemOperation] = []
        for element in json.array ?? [] {
            operations.append(try ItemOperation(decoding: element, at: "itemoperations"))
        }
        return operations
    }
}
