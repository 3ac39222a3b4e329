import KubernetesModel

/// `apiextensions.k8s.io/v1` refuses `preserveUnknownFields: true`; the same is said in each version's schema instead.
enum DefinitionsPreserveFields {
    static let action = ItemAction(
        name: "velero.io/crd-preserve-fields", resources: [Restored.customResourceDefinitions]
    ) { draft, _ in
        guard draft.object.apiVersion == "apiextensions.k8s.io/v1",
            draft.object.json["spec", "preserveUnknownFields"]?.bool == true
        else { return }
        draft.object.json["spec", "preserveUnknownFields"] = false
        guard var versions = draft.object.json["spec", "versions"]?.array else { return }
        for index in versions.indices {
            versions[index]["schema", "openAPIV3Schema", "x-kubernetes-preserve-unknown-fields"] = true
        }
        draft.object.json["spec", "versions"] = .array(versions)
    }
}
