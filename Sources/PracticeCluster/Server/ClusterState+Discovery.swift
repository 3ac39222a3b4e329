import HTTPTypes
import KubernetesModel

extension ClusterState {
    /// Paths outside the API groups.
    func path(_ request: APIRequest) throws(Refusal) -> Answer {
        guard request.method == .get else { throw .pageNotFound }
        switch request.path {
        case "/version":
            let version = settings.version
            return .object([
                "major": "1", "minor": .string(String(version.minor)), "gitVersion": .string(version.text),
                "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
                "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "none",
                "platform": "practice/none",
            ])
        case "/healthz", "/livez", "/readyz": return .text(code: 200, "ok")
        default: throw .pageNotFound
        }
    }

    func discovery(_ request: APIRequest) throws(Refusal) -> Answer {
        guard request.method == .get else { throw .methodNotAllowed }
        let wantsAggregated =
            settings.version.hasAggregatedDiscovery && request.accept.contains("as=APIGroupDiscoveryList")
        switch request.target {
        case .coreVersions:
            if wantsAggregated { return .object(aggregated(groups: [""])) }
            return .object([
                "kind": "APIVersions", "versions": ["v1"],
                "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": "10.96.0.1:6443"]],
            ])
        case .groups:
            if wantsAggregated { return .object(aggregated(groups: catalog.groups)) }
            return .object([
                "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(catalog.groups.map(group)),
            ])
        case .group(let name):
            guard catalog.groups.contains(name) else { throw .pageNotFound }
            var json = group(name)
            json["kind"] = "APIGroup"
            json["apiVersion"] = "v1"
            return .object(json)
        case .resources(let version):
            guard catalog.versions(of: version.group).contains(version.version) else {
                let isKnown = version.group.isEmpty || catalog.groups.contains(version.group)
                throw isKnown ? .noSuchResource : .pageNotFound
            }
            var list: JSONValue = [
                "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(version.description),
                "resources": .array(resources(version)),
            ]
            // The two oldest lists leave it out, for the sake of clients older than they are.
            if ["v1", "extensions/v1beta1"].contains(version.description) { list["apiVersion"] = nil }
            return .object(list)
        case .path, .resource: throw .pageNotFound
        }
    }

    private func group(_ name: String) -> JSONValue {
        let versions = catalog.versions(of: name).map { version -> JSONValue in
            let groupVersion = GroupVersion(group: name, version: version).description
            return ["groupVersion": .string(groupVersion), "version": .string(version)]
        }
        return ["name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? .null]
    }

    private func resources(_ version: GroupVersion) -> [JSONValue] {
        var resources: [JSONValue] = []
        for kind in catalog.kinds(of: version.group, in: version.version) {
            var json: JSONValue = [
                "name": .string(kind.resource.resource), "singularName": .string(kind.singular),
                "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.kind), "verbs": texts(kind.verbs),
            ]
            if !kind.shortNames.isEmpty { json["shortNames"] = texts(kind.shortNames) }
            if !kind.categories.isEmpty { json["categories"] = texts(kind.categories) }
            resources.append(json)
            for name in subresources(of: kind, in: version.version) {
                let description = Subresource(name, of: kind)
                var json: JSONValue = [
                    "name": .string("\(kind.resource.resource)/\(name)"), "singularName": "",
                    "namespaced": .bool(kind.isNamespaced), "kind": .string(description.kind),
                    "verbs": texts(description.verbs),
                ]
                if let groupVersion = description.groupVersion {
                    json["group"] = .string(groupVersion.group)
                    json["version"] = .string(groupVersion.version)
                }
                resources.append(json)
            }
        }
        return resources
    }

    /// Source: Kubernetes API concepts, "Aggregated discovery"; the types of apidiscovery.k8s.io/v2.
    private func aggregated(groups: [String]) -> JSONValue {
        let items = groups.map { group -> JSONValue in
            let versions = catalog.versions(of: group).map { version -> JSONValue in
                [
                    "version": .string(version), "freshness": "Current",
                    "resources": .array(
                        catalog.kinds(of: group, in: version).map { aggregated($0, in: version) }),
                ]
            }
            return ["metadata": group.isEmpty ? [:] : ["name": .string(group)], "versions": .array(versions)]
        }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
            "items": .array(items),
        ]
    }

    private func aggregated(_ kind: ServedKind, in version: String) -> JSONValue {
        var json: JSONValue = [
            "resource": .string(kind.resource.resource), "scope": kind.isNamespaced ? "Namespaced" : "Cluster",
            "responseKind": [
                "group": .string(kind.resource.group), "version": .string(version), "kind": .string(kind.kind),
            ],
            "singularResource": .string(kind.singular), "verbs": texts(kind.verbs),
        ]
        if !kind.shortNames.isEmpty { json["shortNames"] = texts(kind.shortNames) }
        if !kind.categories.isEmpty { json["categories"] = texts(kind.categories) }
        let subresources = subresources(of: kind, in: version).map { name -> JSONValue in
            let description = Subresource(name, of: kind)
            let groupVersion = description.groupVersion ?? GroupVersion(group: kind.resource.group, version: version)
            return [
                "subresource": .string(name), "verbs": texts(description.verbs),
                "responseKind": [
                    "group": .string(groupVersion.group), "version": .string(groupVersion.version),
                    "kind": .string(description.kind),
                ],
            ]
        }
        if !subresources.isEmpty { json["subresources"] = .array(subresources) }
        return json
    }

    private func subresources(of kind: ServedKind, in version: String) -> [String] {
        kind.subresources.filter { $0.value.contains(version) }.keys.sorted()
    }

    private func texts(_ strings: [String]) -> JSONValue { .array(strings.map { .string($0) }) }
}

/// What discovery says of a part of a resource.
private struct Subresource {
    let kind: String
    let verbs: [String]
    /// If the part is of another group than its resource.
    let groupVersion: GroupVersion?

    init(_ name: String, of resource: ServedKind) {
        let proxy = ["create", "delete", "get", "patch", "update"]
        switch name {
        case "scale": (kind, verbs) = ("Scale", ["get", "patch", "update"])
        case "finalize": (kind, verbs) = (resource.kind, ["update"])
        case "binding": (kind, verbs) = ("Binding", ["create"])
        case "eviction": (kind, verbs) = ("Eviction", ["create"])
        case "token": (kind, verbs) = ("TokenRequest", ["create"])
        case "log": (kind, verbs) = ("Pod", ["get"])
        case "attach": (kind, verbs) = ("PodAttachOptions", ["create", "get"])
        case "exec": (kind, verbs) = ("PodExecOptions", ["create", "get"])
        case "portforward": (kind, verbs) = ("PodPortForwardOptions", ["create", "get"])
        case "proxy": (kind, verbs) = ("\(resource.kind)ProxyOptions", proxy)
        default: (kind, verbs) = (resource.kind, ["get", "patch", "update"])
        }
        let isOld = resource.versions.contains("v1") && resource.singular.isEmpty
        switch name {
        case "scale": groupVersion = GroupVersion(group: "autoscaling", version: "v1")
        case "eviction": groupVersion = GroupVersion(group: "policy", version: isOld ? "v1beta1" : "v1")
        case "token": groupVersion = GroupVersion(group: "authentication.k8s.io", version: "v1")
        default: groupVersion = nil
        }
    }
}
