import Basics
import KubernetesModel
import VeleroAPI

/// A restore in words: the sections of `velero restore describe`, in its order.
struct RestoreDescription {
    let restore: Restore

    func writeIdentity(to outline: inout Outline) {
        outline.add("Name", restore.name)
        outline.add("Namespace", restore.namespace)
        outline.add("Labels", DescriptionText.pairs(restore.labels))
        outline.add("Annotations", DescriptionText.pairs(restore.annotations))
        outline.blank()
        outline.add("Phase", restore.phase.rawValue)
        if let reason = restore.status.failureReason { outline.add("Failure reason", reason) }
        for error in restore.status.validationErrors { outline.add("Validation error", error) }
        if let total = restore.status.totalItems { outline.add("Total items to be restored", "\(total)") }
        if let done = restore.status.itemsRestored { outline.add("Items restored", "\(done)") }
        outline.blank()
        outline.add("Started", restore.status.startTimestamp.map(HumanTime.instant) ?? "<n/a>")
        outline.add("Completed", restore.status.completionTimestamp.map(HumanTime.instant) ?? "<n/a>")
    }

    func writeSelection(to outline: inout Outline) {
        let spec = restore.spec
        outline.blank()
        outline.add("Backup", spec.backupName)
        outline.blank()
        outline.heading("Namespaces")
        outline.add("Included", DescriptionText.included(spec.includedNamespaces), level: 1)
        outline.add("Excluded", DescriptionText.names(spec.excludedNamespaces), level: 1)
        outline.blank()
        outline.heading("Resources")
        outline.add("Included", DescriptionText.included(spec.includedResources), level: 1)
        outline.add("Excluded", DescriptionText.names(spec.excludedResources), level: 1)
        outline.add("Cluster-scoped", DescriptionText.choice(spec.includeClusterResources, nil: "auto"), level: 1)
        outline.blank()
        outline.add("Namespace mappings", DescriptionText.pairs(spec.namespaceMapping))
        outline.blank()
        outline.add("Label selector", spec.labelSelector.map(\.description) ?? "<none>")
        let alternatives = spec.orLabelSelectors.map(\.description).joined(separator: " or ")
        outline.add("Or label selector", alternatives.isEmpty ? "<none>" : alternatives)
        outline.blank()
        outline.add("Restore PVs", DescriptionText.choice(spec.restorePVs, nil: "auto"))
        let policy = spec.existingResourcePolicy
        outline.add("Existing Resource Policy", policy.isEmpty ? "<none>" : policy)
        outline.add("Preserve Service NodePorts", DescriptionText.choice(spec.preserveNodePorts, nil: "auto"))
    }
}
