package import KubernetesModel

/// Everything that a server offers. A value: it does not change when the server does.
package struct Discovery: Sendable {
    /// A group with its versions, the preferred one first.
    package struct Group: Sendable, Hashable {
        /// Empty for the core group.
        package let name: String
        package let versions: [String]

        package init(name: String, versions: [String]) {
            self.name = name
            self.versions = versions
        }
    }

    /// A group, or one version of it, that the server names but cannot tell about: mostly an aggregated API whose service
    /// is down. Its objects cannot be read.
    package struct Failure: Sendable {
        package let groupVersion: String
        package let error: APIError
    }

    /// In the server's order, the core group first.
    package let groups: [Group]
    /// Every kind in every served version, in the order of `groups` and their versions. Subresources are in their kinds.
    package let kinds: [ResourceKind]
    /// Every kind once: in its group's preferred version, or in the first that has it.
    package let preferredKinds: [ResourceKind]
    package let failures: [Failure]

    private let byGroupResource: [GroupResource: ResourceKind]

    /// - Parameter kinds: in any order.
    package init(groups: [Group], kinds: [ResourceKind], failures: [Failure] = []) {
        self.groups = groups
        self.failures = failures
        var rank: [GroupVersion: Int] = [:]
        for (groupIndex, group) in groups.enumerated() {
            for (versionIndex, version) in group.versions.enumerated() {
                rank[GroupVersion(group: group.name, version: version)] = groupIndex << 16 | versionIndex
            }
        }
        self.kinds = kinds.enumerated().sorted { left, right in
            let (leftRank, rightRank) = (
                rank[left.element.groupVersion] ?? .max, rank[right.element.groupVersion] ?? .max
            )
            return (leftRank, left.offset) < (rightRank, right.offset)
        }.map(\.element)
        var first: [GroupResource: ResourceKind] = [:]
        var preferred: [ResourceKind] = []
        for kind in self.kinds where first[kind.groupResource] == nil {
            first[kind.groupResource] = kind
            preferred.append(kind)
        }
        byGroupResource = first
        preferredKinds = preferred
    }

    package func isPreferred(_ kind: ResourceKind) -> Bool { byGroupResource[kind.groupResource] == kind }

    /// The preferred version of a kind.
    package func kind(_ resource: GroupResource) -> ResourceKind? { byGroupResource[resource] }

    /// Every served version of a kind, the preferred one first.
    package func versions(of resource: GroupResource) -> [ResourceKind] {
        kinds.filter { $0.groupResource == resource }
    }

    /// The kind that an object names in its `apiVersion` and `kind`.
    package func kind(of groupVersion: GroupVersion, _ kind: String) -> ResourceKind? {
        kinds.first { $0.groupVersion == groupVersion && $0.kind == kind }
    }

    /// Finds a kind by what people type: `deployments`, `deployment`, `deploy`, `Deployment`, each also with its group
    /// (`deployments.apps`), with version and group (`deployments.v1.apps`), or with the beginning of a group
    /// (`ingresses.networking`). Where several kinds fit, plurals win over singulars, these over short names, these over
    /// kinds, and then the earlier group, as with kubectl.
    package func resolve(_ text: String) -> ResourceKind? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        guard parts.count == 2 else { return best(name, among: preferredKinds) }
        let group = parts[1]
        if let kind = best(name, among: preferredKinds.filter({ $0.groupVersion.group == group })) { return kind }
        let versioned = group.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let groupVersion = GroupVersion(group: versioned.count == 2 ? versioned[1] : "", version: versioned[0])
        if let kind = best(name, among: kinds.filter({ $0.groupVersion == groupVersion })) { return kind }
        return best(name, among: preferredKinds.filter { $0.groupVersion.group.hasPrefix(group) })
    }

    private func best(_ name: String, among kinds: [ResourceKind]) -> ResourceKind? {
        let lower = name.lowercased()
        return kinds.first { $0.resource == lower }
            ?? kinds.first { $0.singular == lower }
            ?? kinds.first { $0.shortNames.contains(lower) }
            ?? kinds.first { $0.kind.lowercased() == lower }
    }
}
