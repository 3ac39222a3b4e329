import Basics
import KubernetesModel
import VeleroAPI

/// A backup in words: the sections of `velero backup describe`, in its order.
struct BackupDescription {
    let backup: Backup

    /// The sections that the Backup object itself answers.
    func write(to outline: inout Outline) {
        identity(&outline)
        outline.blank()
        outline.add("Phase", backup.phase.rawValue)
        if let reason = backup.status.failureReason { outline.add("Failure reason", reason) }
        for error in backup.status.validationErrors { outline.add("Validation error", error) }
    }

    private func identity(_ outline: inout Outline) {
        outline.add("Name", backup.name)
        outline.add("Namespace", backup.namespace)
        outline.add("Labels", DescriptionText.pairs(backup.labels))
        outline.add("Annotations", DescriptionText.pairs(backup.annotations))
    }

    /// What was selected.
    func writeSelection(to outline: inout Outline) {
        let spec = backup.spec
        outline.heading("Namespaces")
        outline.add("Included", DescriptionText.included(spec.includedNamespaces), level: 1)
        outline.add("Excluded", DescriptionText.names(spec.excludedNamespaces), level: 1)
        outline.blank()
        outline.heading("Resources")
        if usesScopedFilters {
            writeScopedFilters(to: &outline)
        } else {
            outline.add("Included", DescriptionText.included(spec.includedResources), level: 1)
            outline.add("Excluded", DescriptionText.names(spec.excludedResources), level: 1)
            outline.add("Cluster-scoped", DescriptionText.choice(spec.includeClusterResources, nil: "auto"), level: 1)
        }
        outline.blank()
        outline.add("Label selector", spec.labelSelector.map(\.description) ?? "<none>")
        outline.blank()
        let alternatives = spec.orLabelSelectors.map(\.description).joined(separator: " or ")
        outline.add("Or label selector", alternatives.isEmpty ? "<none>" : alternatives)
        if !spec.orderedResources.isEmpty {
            outline.blank()
            outline.heading("Ordered resources")
            for (kind, names) in spec.orderedResources.sorted(by: { $0.key < $1.key }) {
                outline.add(kind, names, level: 1)
            }
        }
    }

    private var usesScopedFilters: Bool {
        let spec = backup.spec
        return !spec.includedClusterScopedResources.isEmpty || !spec.excludedClusterScopedResources.isEmpty
            || !spec.includedNamespaceScopedResources.isEmpty || !spec.excludedNamespaceScopedResources.isEmpty
    }

    private func writeScopedFilters(to outline: inout Outline) {
        let spec = backup.spec
        outline.add("Included cluster-scoped", DescriptionText.names(spec.includedClusterScopedResources), level: 1)
        outline.add("Excluded cluster-scoped", DescriptionText.names(spec.excludedClusterScopedResources), level: 1)
        outline.add(
            "Included namespace-scoped", DescriptionText.included(spec.includedNamespaceScopedResources), level: 1)
        outline.add("Excluded namespace-scoped", DescriptionText.names(spec.excludedNamespaceScopedResources), level: 1)
    }

    /// Where it is kept, how long, what became of it.
    func writeOutcome(to outline: inout Outline) {
        let (spec, status) = (backup.spec, backup.status)
        outline.add("Storage Location", spec.storageLocation.isEmpty ? "<none>" : spec.storageLocation)
        outline.blank()
        outline.add("Velero-Native Snapshot PVs", DescriptionText.choice(spec.snapshotVolumes, nil: "auto"))
        outline.add("File-system volumes by default", spec.savesVolumesByDefault ? "true" : "false")
        if let policy = spec.resourcePolicy { outline.add("Resource policies", "\(policy.kind) \(policy.name)") }
        outline.blank()
        outline.add("TTL", spec.ttl.map(GoDuration.text) ?? "<none>")
        outline.blank()
        outline.add("Hooks", spec.hooks?["resources"]?.array.map { counted($0.count, "resource hook") } ?? "<none>")
        outline.blank()
        outline.add("Backup Format Version", status.formatVersion ?? status.version.map(String.init) ?? "<n/a>")
        outline.blank()
        outline.add("Started", status.startTimestamp.map(HumanTime.instant) ?? "<n/a>")
        outline.add("Completed", status.completionTimestamp.map(HumanTime.instant) ?? "<n/a>")
        outline.blank()
        outline.add("Expiration", status.expiration.map(HumanTime.instant) ?? "<n/a>")
        outline.blank()
        if let total = status.totalItems { outline.add("Total items to be backed up", "\(total)") }
        if let done = status.itemsBackedUp { outline.add("Items backed up", "\(done)") }
    }
}
