import KubernetesModel

extension Validation {
    /// What cannot be changed once an object exists.
    static func problems(changing before: JSONValue, to after: JSONValue, kind: ServedKind) -> [FieldProblem] {
        finalizerProblems(before, after) + immutableProblems(before, after, kind)
    }

    private static func finalizerProblems(_ before: JSONValue, _ after: JSONValue) -> [FieldProblem] {
        guard !(before["metadata", "deletionTimestamp"] ?? .null).isNull else { return [] }
        let old = before["metadata", "finalizers"]?.array ?? []
        let added = (after["metadata", "finalizers"]?.array ?? []).filter { !old.contains($0) }.compactMap(\.string)
        guard !added.isEmpty else { return [] }
        let list = added.map { "\"\($0)\"" }.joined(separator: ", ")
        return [
            .forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}")
        ]
    }

    private static func immutableProblems(_ before: JSONValue, _ after: JSONValue, _ kind: ServedKind) -> [FieldProblem]
    {
        func differs(_ path: String...) -> Bool { before[path] != after[path] }
        switch kind.storage.description {
        case "secrets":
            let type = after["type"]?.string ?? ""
            let problems = differs("type") ? [FieldProblem.invalid("type", "\"\(type)\"", "field is immutable")] : []
            return problems + frozenProblems(before, after, ["data"])
        case "configmaps": return frozenProblems(before, after, ["data", "binaryData"])
        case "services":
            let old = before["spec", "clusterIP"]?.string ?? ""
            let new = after["spec", "clusterIP"]?.string ?? ""
            guard !old.isEmpty, !new.isEmpty, old != new, after["spec", "type"] != "ExternalName" else { return [] }
            return [.invalid("spec.clusterIPs[0]", "[]string{\"\(new)\"}", "may not change once set")]
        case "persistentvolumeclaims":
            // A claim without a volume may get one, and a bound one may grow.
            var old = before["spec"] ?? [:]
            var new = after["spec"] ?? [:]
            if old["volumeName"]?.string ?? "" == "" { new["volumeName"] = old["volumeName"] }
            if before["status", "phase"] == "Bound" {
                old["resources", "requests"] = nil
                new["resources", "requests"] = nil
            }
            if old == new { return [] }
            return [
                .forbidden("spec", "spec is immutable after creation except resources.requests for bound claims")
            ]
        case "persistentvolumes":
            let sources = ["hostPath", "local", "nfs", "csi", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk"]
            guard sources.contains(where: { differs("spec", $0) }) else { return [] }
            return [
                .forbidden(
                    "spec.persistentvolumesource",
                    "spec.persistentvolumesource is immutable after creation")
            ]
        case "deployments.apps", "replicasets.apps", "daemonsets.apps":
            guard differs("spec", "selector") else { return [] }
            return [.invalid("spec.selector", "\(selectorText(after["spec", "selector"]))", "field is immutable")]
        case "statefulsets.apps":
            let fixed = ["serviceName", "selector", "volumeClaimTemplates", "podManagementPolicy"]
            guard fixed.contains(where: { differs("spec", $0) }) else { return [] }
            return [
                .forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'template', and 'updateStrategy' are "
                        + "forbidden")
            ]
        case "jobs.batch":
            return ["selector", "template", "completions"].filter { differs("spec", $0) }.map {
                .invalid("spec.\($0)", "…", "field is immutable")
            }
        case "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io":
            guard differs("roleRef") else { return [] }
            func part(_ name: String) -> String { after["roleRef", name]?.string ?? "" }
            let value =
                "rbac.RoleRef{APIGroup:\"\(part("apiGroup"))\", Kind:\"\(part("kind"))\", Name:\"\(part("name"))\"}"
            return [.invalid("roleRef", value, "cannot change roleRef")]
        case "pods":
            return differs("spec", "nodeName") && before["spec", "nodeName"] != nil
                ? [
                    .forbidden(
                        "spec",
                        "pod updates may not change fields other than `spec.containers[*].image`, "
                            + "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only "
                            + "additions to existing tolerations)")
                ] : []
        case "storageclasses.storage.k8s.io":
            let fixed = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]
            return fixed.filter { differs($0) }.map { .forbidden($0, "updates to \($0) are forbidden.") }
        default: return []
        }
    }

    /// A ConfigMap or Secret that says `immutable: true`.
    private static func frozenProblems(_ before: JSONValue, _ after: JSONValue, _ fields: [String]) -> [FieldProblem] {
        guard before["immutable"] == true else { return [] }
        let changed = fields.filter { before[$0] != after[$0] } + (after["immutable"] == true ? [] : ["immutable"])
        return changed.map { .forbidden($0, "field is immutable when `immutable` is set") }
    }

    private static func selectorText(_ selector: JSONValue?) -> String {
        let labels = (selector?["matchLabels"]?.object ?? [:]).sorted { $0.key < $1.key }
        let text = labels.map { "\"\($0.key)\":\"\($0.value.string ?? "")\"" }.joined(separator: ", ")
        return "v1.LabelSelector{MatchLabels:map[string]string{\(text)}, "
            + "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
    }
}
