import KubernetesModel

/// The job controller gives each Job a selector by its uid; the old uid would select nothing.
enum JobSelectors {
    static let action = ItemAction(name: "velero.io/job", resources: [Restored.jobs]) { draft, _ in
        for label in ["controller-uid", "batch.kubernetes.io/controller-uid"] {
            draft.object.json["spec", "selector", "matchLabels", label] = nil
            draft.object.json["spec", "template", "metadata", "labels", label] = nil
        }
    }
}
