package import KubernetesModel

/// Which kinds the target cluster serves, and what people call them.
package struct ServedKinds: Sendable {
    private var byResource: [GroupResource: [ResourceKind]] = [:]
    private var byName: [String: [GroupResource]] = [:]

    /// - Parameter kinds: as discovery gives them, preferred versions first. Those that cannot be created are left out.
    package init(_ kinds: some Sequence<ResourceKind>) {
        for kind in kinds where kind.verbs.isEmpty || kind.verbs.contains("create") { add(kind) }
    }

    private mutating func add(_ kind: ResourceKind) {
        let resource = kind.groupResource
        if byResource[resource] == nil {
            for name in Set([kind.resource, kind.singular, kind.kind.lowercased()] + kind.shortNames)
            where !name.isEmpty {
                byName[name, default: []].append(resource)
            }
        }
        if byResource[resource]?.contains(where: { $0.groupVersion == kind.groupVersion }) != true {
            byResource[resource, default: []].append(kind)
        }
    }

    /// Adds the kinds of a custom resource definition that is about to be restored, so that a plan knows them.
    package mutating func add(definition: APIObject) {
        let spec = definition.json["spec"] ?? .null
        guard let group = spec["group"]?.string, let plural = spec["names", "plural"]?.string,
            let kind = spec["names", "kind"]?.string
        else { return }
        var versions = (spec["versions"]?.array ?? []).filter { $0["served"]?.bool == true }
            .compactMap { $0["name"]?.string }
        if versions.isEmpty, let version = spec["version"]?.string { versions = [version] }
        for version in versions {
            add(
                ResourceKind(
                    groupVersion: GroupVersion(group: group, version: version), resource: plural, kind: kind,
                    singular: spec["names", "singular"]?.string ?? "",
                    shortNames: (spec["names", "shortNames"]?.array ?? []).compactMap(\.string),
                    isNamespaced: spec["scope"]?.string == "Namespaced"))
        }
    }

    package func kind(_ resource: GroupResource, version: String) -> ResourceKind? {
        byResource[resource]?.first { $0.groupVersion.version == version }
    }

    /// The versions of a kind, preferred first; empty if it is not served.
    package func versions(of resource: GroupResource) -> [String] {
        (byResource[resource] ?? []).map(\.groupVersion.version)
    }

    /// The kinds that a name of a filter stands for: plural, singular, short name or kind, with or without group. A name
    /// that nothing answers to is kept literally.
    package func resolve(_ name: String) -> [GroupResource] {
        let literal = GroupResource(name)
        if byResource[literal] != nil { return [literal] }
        let wanted = GroupResource(name.lowercased())
        let found = (byName[wanted.resource] ?? []).filter { wanted.group.isEmpty || $0.group == wanted.group }
        guard wanted.group.isEmpty else { return found.isEmpty ? [literal] : found }
        // The core group wins, as in kubectl; `events` is the one kind that lives in two groups under one name.
        if let core = found.first(where: { $0.group.isEmpty }) { return [core] }
        return found.first.map { [$0] } ?? [literal]
    }
}
