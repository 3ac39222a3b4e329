package import KubernetesClient
package import KubernetesModel

/// Which kinds the target cluster serves, or will once the restored definitions are in force.
package struct ServedKinds: Sendable {
    private var discovery: Discovery
    private var byResource: [GroupResource: [ResourceKind]] = [:]

    package init(_ discovery: Discovery) {
        self.discovery = discovery
        index()
    }

    private mutating func index() {
        byResource = Dictionary(grouping: discovery.kinds, by: \.groupResource)
    }

    /// Adds the kinds of a custom resource definition that is about to be restored, so that a plan knows them.
    package mutating func add(definition: APIObject) {
        let spec = definition.json["spec"] ?? .null
        guard let group = spec["group"]?.string, let plural = spec["names", "plural"]?.string,
            let kind = spec["names", "kind"]?.string
        else { return }
        var versions = ServedKinds.servedVersions(of: definition)
        if versions.isEmpty, let version = spec["version"]?.string { versions = [version] }
        let resource = GroupResource(group: group, resource: plural)
        let present = Set(self.versions(of: resource))
        let kinds = versions.filter { !present.contains($0) }.map { version in
            ResourceKind(
                groupVersion: GroupVersion(group: group, version: version), resource: plural, kind: kind,
                singular: spec["names", "singular"]?.string ?? "",
                shortNames: (spec["names", "shortNames"]?.array ?? []).compactMap(\.string),
                isNamespaced: spec["scope"]?.string == "Namespaced",
                subresources: spec["subresources", "status"] != nil ? ["status"] : [])
        }
        guard !kinds.isEmpty else { return }
        discovery = Discovery(
            groups: discovery.groups + [Discovery.Group(name: group, versions: versions)],
            kinds: discovery.kinds + kinds, failures: discovery.failures)
        index()
    }

    /// The versions that a definition (of `apiextensions.k8s.io/v1` or later v1beta1) serves.
    static func servedVersions(of definition: APIObject) -> [String] {
        (definition.json["spec", "versions"]?.array ?? []).filter { $0["served"]?.bool == true }
            .compactMap { $0["name"]?.string }
    }

    package func kind(_ resource: GroupResource, version: String) -> ResourceKind? {
        byResource[resource]?.first { $0.groupVersion.version == version }
    }

    /// The preferred version of a kind.
    package func kind(_ resource: GroupResource) -> ResourceKind? { byResource[resource]?.first }

    /// The versions of a kind, preferred first; empty if it is not served.
    package func versions(of resource: GroupResource) -> [String] {
        (byResource[resource] ?? []).map(\.groupVersion.version)
    }

    /// The kind that a name of a filter stands for: plural, singular, short name or kind, with or without group. A name
    /// that nothing answers to stands for itself.
    package func resolve(_ name: String) -> GroupResource {
        let literal = GroupResource(name)
        return byResource[literal] != nil ? literal : discovery.resolve(name)?.groupResource ?? literal
    }

    /// Why a kind may be missing: the group did not answer discovery.
    package func failure(of group: String) -> APIError? {
        discovery.failures.first {
            GroupVersion(apiVersion: $0.groupVersion).group == group || $0.groupVersion == group
        }?
        .error
    }
}
