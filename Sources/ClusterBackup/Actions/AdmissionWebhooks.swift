import KubernetesModel

/// `admissionregistration.k8s.io/v1` refuses side effects that `v1beta1` allowed; an object stored in the old days and
/// served as v1 would not come back.
enum AdmissionWebhooks {
    static let action = ItemAction(
        name: "velero.io/admission-webhook-configuration",
        resources: [Restored.validatingWebhooks, Restored.mutatingWebhooks]
    ) { draft, _ in
        guard draft.object.groupVersion.version == "v1", var webhooks = draft.object.json["webhooks"]?.array else {
            return
        }
        for index in webhooks.indices {
            let effects = webhooks[index]["sideEffects"]?.string
            if effects != "None", effects != "NoneOnDryRun" { webhooks[index]["sideEffects"] = "None" }
        }
        draft.object.json["webhooks"] = .array(webhooks)
    }
}
