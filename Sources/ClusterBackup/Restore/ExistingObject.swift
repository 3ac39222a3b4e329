package import KubernetesModel

/// What to do when the cluster already has an object of that name. Reference: section 10.5.
package enum ExistingDecision: Sendable, Hashable {
    /// Both are the same but for what a restore resets. With policy `update` the labels of the restore are still put on.
    case same(relabel: MergePatch?)
    /// The cluster's stays as it is.
    case differs([FieldDifference])
    /// The cluster's becomes the stored one. If the server refuses, `relabel` is tried alone.
    case update(MergePatch, relabel: MergePatch, [FieldDifference])
    /// What a service account lacks is added; nothing is taken away, whatever the policy.
    case extend(MergePatch, [FieldDifference])
}

package enum ExistingResourcePolicy: String, Sendable, Hashable {
    case none
    case update
}

package enum ExistingObject {
    /// - Parameters:
    ///   - prepared: as it would be created, labels of the restore on it.
    ///   - found: the object in the cluster after the same resets and rules, so that what the server gives every object
    ///     anew (addresses, the node of a pod) is no difference.
    package static func decide(
        prepared: APIObject, found: APIObject, resource: GroupResource, policy: ExistingResourcePolicy
    ) -> ExistingDecision {
        let desired = comparable(prepared)
        var actual = comparable(found)
        let relabel = labelPatch(from: actual, to: desired)
        if resource == Restored.serviceAccounts { return extend(actual, by: desired) }
        copyRestoreLabels(from: desired, to: &actual)
        let changes = FieldDifference.between(actual, desired)
        guard !changes.isEmpty else {
            return .same(relabel: policy == .update && !relabel.isEmpty ? relabel : nil)
        }
        if policy == .none { return .differs(changes) }
        return .update(MergePatch(from: comparable(found).json, to: desired.json), relabel: relabel, changes)
    }

    /// Without `managedFields`: who set which field, and when, makes no object another.
    private static func comparable(_ object: APIObject) -> APIObject {
        var result = object
        ObjectReset.reset(&result)
        result.json["metadata", "managedFields"] = nil
        for field in ["labels", "annotations"] where result.json["metadata", field]?.object?.isEmpty == true {
            result.json["metadata", field] = nil
        }
        return result
    }

    private static let restoreLabels = ["velero.io/backup-name", "velero.io/restore-name"]

    private static func copyRestoreLabels(from desired: APIObject, to actual: inout APIObject) {
        for label in restoreLabels {
            guard let value = desired.json["metadata", "labels", label] else { continue }
            actual.json["metadata", "labels", label] = value
        }
    }

    private static func labelPatch(from actual: APIObject, to desired: APIObject) -> MergePatch {
        var labels: [String: JSONValue] = [:]
        for label in restoreLabels {
            guard let value = desired.labels[label], actual.labels[label] != value else { continue }
            labels[label] = .string(value)
        }
        return MergePatch(labels.isEmpty ? .object([:]) : ["metadata": ["labels": .object(labels)]])
    }

    private static func extend(_ actual: APIObject, by desired: APIObject) -> ExistingDecision {
        var merged = actual
        for list in ["secrets", "imagePullSecrets"] {
            let present = actual.json[list]?.array ?? []
            let missing = (desired.json[list]?.array ?? []).filter { !present.contains($0) }
            if !missing.isEmpty { merged.json[list] = .array(present + missing) }
        }
        // The labels of the restore are no reason to touch an account that lacks nothing.
        merged.labels = actual.labels.merging(desired.labels.filter { !restoreLabels.contains($0.key) }) { old, _ in old
        }
        merged.annotations = actual.annotations.merging(desired.annotations) { old, _ in old }
        let changes = FieldDifference.between(actual, merged)
        guard !changes.isEmpty else { return .same(relabel: nil) }
        return .extend(MergePatch(from: actual.json, to: merged.json), changes)
    }
}
