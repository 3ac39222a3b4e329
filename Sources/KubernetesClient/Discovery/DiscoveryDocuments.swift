internal import KubernetesModel

/// The documents of discovery, read. Pure.
enum DiscoveryDocuments {
    /// What to ask for: the aggregated document in the newest form that is offered, else the old one. Source: Kubernetes API
    /// concepts, "Aggregated discovery".
    static let accept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

    /// What one of `/api` and `/apis` told.
    enum Root {
        case aggregated(groups: [Discovery.Group], kinds: [ResourceKind], stale: [GroupVersion])
        /// Only names; each version is to be asked for its kinds.
        case named([Discovery.Group])
    }

    /// Reads the answer of `/api` or `/apis`; nil if it is neither form.
    static func root(_ json: JSONValue) -> Root? {
        switch json["kind"]?.string {
        case "APIGroupDiscoveryList": aggregated(json)
        case "APIVersions":
            .named([.init(name: "", versions: (json["versions"]?.array ?? []).compactMap(\.string))])
        case "APIGroupList": .named((json["groups"]?.array ?? []).compactMap(group))
        default: nil
        }
    }

    private static func group(_ json: JSONValue) -> Discovery.Group? {
        guard let name = json["name"]?.string else { return nil }
        var versions = (json["versions"]?.array ?? []).compactMap { $0["version"]?.string }
        if let preferred = json["preferredVersion", "version"]?.string, let index = versions.firstIndex(of: preferred) {
            versions.remove(at: index)
            versions.insert(preferred, at: 0)
        }
        return Discovery.Group(name: name, versions: versions)
    }

    private static func aggregated(_ json: JSONValue) -> Root {
        var groups: [Discovery.Group] = []
        var kinds: [ResourceKind] = []
        var stale: [GroupVersion] = []
        for item in json["items"]?.array ?? [] {
            let group = item["metadata", "name"]?.string ?? ""
            var versions: [String] = []
            for entry in item["versions"]?.array ?? [] {
                guard let version = entry["version"]?.string else { continue }
                versions.append(version)
                let groupVersion = GroupVersion(group: group, version: version)
                // The server could not ask the aggregated API lately; what it remembers is not relied upon.
                if entry["freshness"]?.string == "Stale" {
                    stale.append(groupVersion)
                } else {
                    kinds += (entry["resources"]?.array ?? []).compactMap { aggregatedKind($0, groupVersion) }
                }
            }
            groups.append(.init(name: group, versions: versions))
        }
        return .aggregated(groups: groups, kinds: kinds, stale: stale)
    }

    private static func aggregatedKind(_ json: JSONValue, _ groupVersion: GroupVersion) -> ResourceKind? {
        // A resource without a response kind exists only for its subresources and cannot be listed.
        guard let resource = json["resource"]?.string, let kind = json["responseKind", "kind"]?.string, !kind.isEmpty
        else { return nil }
        return ResourceKind(
            groupVersion: groupVersion, resource: resource, kind: kind,
            singular: json["singularResource"]?.string ?? "", shortNames: strings(json["shortNames"]),
            isNamespaced: json["scope"]?.string == "Namespaced", verbs: Set(strings(json["verbs"])),
            subresources: Set((json["subresources"]?.array ?? []).compactMap { $0["subresource"]?.string }))
    }

    /// The kinds in an `APIResourceList`, subresources folded into theirs; nil if it is none.
    static func kinds(_ json: JSONValue, _ groupVersion: GroupVersion) -> [ResourceKind]? {
        guard json["kind"]?.string == "APIResourceList" else { return nil }
        let entries = json["resources"]?.array ?? []
        var subresources: [String: Set<String>] = [:]
        for entry in entries {
            let parts = (entry["name"]?.string ?? "").split(separator: "/", maxSplits: 1)
            if parts.count == 2 { subresources[String(parts[0]), default: []].insert(String(parts[1])) }
        }
        return entries.compactMap { entry in
            guard let name = entry["name"]?.string, !name.contains("/"), let kind = entry["kind"]?.string else {
                return nil
            }
            let singular = entry["singularName"]?.string ?? ""
            return ResourceKind(
                groupVersion: groupVersion, resource: name, kind: kind,
                // Servers before 1.27 leave it empty for built-in kinds; clients then take the kind in lower case.
                singular: singular.isEmpty ? kind.lowercased() : singular, shortNames: strings(entry["shortNames"]),
                isNamespaced: entry["namespaced"]?.bool ?? false, verbs: Set(strings(entry["verbs"])),
                subresources: subresources[name] ?? [])
        }
    }

    private static func strings(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }
}
