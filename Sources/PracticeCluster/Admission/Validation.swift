import KubernetesModel

/// What the API server refuses. Names and labels of all kinds, and of the kinds that Martlet restores the rules that
/// restored objects break.
enum Validation {
    static func problems(of object: JSONValue, kind: ServedKind, version: String) -> [FieldProblem] {
        metadataProblems(object, kind) + kindProblems(object, kind)
    }

    private static func metadataProblems(_ object: JSONValue, _ kind: ServedKind) -> [FieldProblem] {
        let name = object["metadata", "name"]?.string ?? ""
        var problems: [FieldProblem] = []
        if name.isEmpty {
            problems.append(.required("metadata.name", "name or generateName is required"))
        } else if let reason = nameRule(kind)(name) {
            problems.append(.invalid("metadata.name", "\"\(name)\"", reason))
        }
        for (key, value) in (object["metadata", "labels"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let reason = NameRules.qualifiedName(key) {
                problems.append(.invalid("metadata.labels", "\"\(key)\"", reason))
            }
            let text = value.string ?? ""
            if let reason = NameRules.labelValue(text) {
                problems.append(.invalid("metadata.labels", "\"\(text)\"", reason))
            }
        }
        for key in (object["metadata", "annotations"]?.object ?? [:]).keys.sorted() {
            if let reason = NameRules.qualifiedName(key.lowercased()) {
                problems.append(.invalid("metadata.annotations", "\"\(key)\"", reason))
            }
        }
        for finalizer in (object["metadata", "finalizers"]?.array ?? []).compactMap(\.string) {
            if let reason = NameRules.qualifiedName(finalizer) {
                problems.append(.invalid("metadata.finalizers", "\"\(finalizer)\"", reason))
            }
        }
        for (index, owner) in (object["metadata", "ownerReferences"]?.array ?? []).enumerated() {
            for field in ["apiVersion", "kind", "name", "uid"] where owner[field]?.string ?? "" == "" {
                problems.append(
                    .invalid(
                        "metadata.ownerReferences[\(index)].\(field)", "\"\"", "\(field) must not be empty"))
            }
        }
        return problems
    }

    private static func nameRule(_ kind: ServedKind) -> (String) -> String? {
        if kind.resource.group == "rbac.authorization.k8s.io" { return NameRules.pathSegment }
        switch kind.storage.description {
        case "namespaces": return NameRules.label
        case "services": return NameRules.dns1035Label
        case "apiservices.apiregistration.k8s.io", "certificatesigningrequests.certificates.k8s.io":
            return NameRules.pathSegment
        default: return NameRules.subdomain
        }
    }

    private static func kindProblems(_ object: JSONValue, _ kind: ServedKind) -> [FieldProblem] {
        switch kind.storage.description {
        case "configmaps": return dataKeyProblems(object, ["data", "binaryData"])
        case "secrets": return dataKeyProblems(object, ["data"])
        case "services":
            let isHeadless = object["spec", "clusterIP"] == "None" || object["spec", "type"] == "ExternalName"
            if (object["spec", "ports"]?.array ?? []).isEmpty, !isHeadless { return [.required("spec.ports")] }
            return []
        case "pods": return containerProblems(object, "spec")
        case "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps":
            return selectorProblems(object) + containerProblems(object, "spec.template.spec")
        case "jobs.batch":
            let problems = containerProblems(object, "spec.template.spec")
            let policy = object["spec", "template", "spec", "restartPolicy"]?.string ?? ""
            if ["OnFailure", "Never"].contains(policy) { return problems }
            return problems + [
                .required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"")
            ]
        case "persistentvolumeclaims":
            var problems: [FieldProblem] = []
            if (object["spec", "accessModes"]?.array ?? []).isEmpty {
                problems.append(.required("spec.accessModes", "at least 1 access mode is required"))
            }
            if object["spec", "resources", "requests", "storage"] == nil {
                problems.append(.required("spec.resources[storage]"))
            }
            return problems
        case "storageclasses.storage.k8s.io":
            return object["provisioner"]?.string ?? "" == "" ? [.required("provisioner")] : []
        case "customresourcedefinitions.apiextensions.k8s.io": return definitionProblems(object)
        default: return []
        }
    }

    private static func dataKeyProblems(_ object: JSONValue, _ fields: [String]) -> [FieldProblem] {
        fields.flatMap { field in
            (object[field]?.object ?? [:]).keys.sorted().compactMap { key in
                NameRules.configKey(key).map { .invalid("\(field)[\(key)]", "\"\(key)\"", $0) }
            }
        }
    }

    private static func containerProblems(_ object: JSONValue, _ path: String) -> [FieldProblem] {
        let spec = object[path.split(separator: ".").map(String.init)]
        let containers = spec?["containers"]?.array ?? []
        if containers.isEmpty { return [.required("\(path).containers")] }
        return containers.enumerated().flatMap { index, container -> [FieldProblem] in
            var problems: [FieldProblem] = []
            if container["name"]?.string ?? "" == "" {
                problems.append(.required("\(path).containers[\(index)].name"))
            }
            if container["image"]?.string ?? "" == "" {
                problems.append(.required("\(path).containers[\(index)].image"))
            }
            return problems
        }
    }

    private static func selectorProblems(_ object: JSONValue) -> [FieldProblem] {
        let labels = APIObject(object["spec", "template"] ?? [:]).labels
        let text = labels.sorted { $0.key < $1.key }.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ", ")
        let mismatch = FieldProblem.invalid(
            "spec.template.metadata.labels", "map[string]string{\(text)}",
            "`selector` does not match template `labels`")
        guard let json = object["spec", "selector"], !json.isNull else {
            return [.required("spec.selector"), mismatch]
        }
        guard let selector = try? LabelSelector(json),  // A selector that is none matches nothing.
            selector.matches(labels)
        else { return [mismatch] }
        return []
    }

    private static func definitionProblems(_ object: JSONValue) -> [FieldProblem] {
        let name = object["metadata", "name"]?.string ?? ""
        let plural = object["spec", "names", "plural"]?.string ?? ""
        let group = object["spec", "group"]?.string ?? ""
        var problems: [FieldProblem] = []
        if name != "\(plural).\(group)" {
            problems.append(.invalid("metadata.name", "\"\(name)\"", "must be spec.names.plural+\".\"+spec.group"))
        }
        let versions = object["spec", "versions"]?.array ?? []
        if versions.filter({ $0["storage"] == true }).count != 1, !versions.isEmpty {
            problems.append(
                .invalid("spec.versions", "…", "must have exactly one version marked as storage version"))
        }
        return problems
    }
}
