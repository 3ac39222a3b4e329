import KubernetesModel

/// Which kinds the server offers at the moment: the built-in ones and those of established definitions.
struct KindCatalog {
    private(set) var kinds: [GroupResource: ServedKind] = [:]
    /// As discovery lists them.
    private var order: [GroupResource] = []
    /// Not offered any more though their objects are kept: a kind that went between discovery and list.
    private var hidden: Set<GroupResource> = []

    init(minor: Int) {
        for kind in BuiltInKinds.kinds(minor: minor) { register(kind) }
    }

    mutating func register(_ kind: ServedKind) {
        if kinds.updateValue(kind, forKey: kind.resource) == nil { order.append(kind.resource) }
    }

    mutating func remove(_ resource: GroupResource) {
        kinds[resource] = nil
        order.removeAll { $0 == resource }
    }

    mutating func setHidden(_ isHidden: Bool, _ resource: GroupResource) {
        if isHidden { hidden.insert(resource) } else { hidden.remove(resource) }
    }

    /// The kind in a URL, if it is offered in that version.
    func find(_ groupVersion: GroupVersion, _ resource: String) -> ServedKind? {
        let name = GroupResource(group: groupVersion.group, resource: resource)
        guard !hidden.contains(name), let kind = kinds[name], kind.versions.contains(groupVersion.version) else {
            return nil
        }
        return kind
    }

    func named(_ resource: GroupResource) -> ServedKind? { hidden.contains(resource) ? nil : kinds[resource] }

    /// The kind that an owner reference speaks of.
    func kind(_ name: String, in group: String) -> ServedKind? {
        kinds.values.first { $0.kind == name && $0.resource.group == group }
    }

    /// All but the core group, in the order of `/apis`.
    var groups: [String] {
        let served = Set(order.filter { !hidden.contains($0) }.map(\.group))
        let custom = served.subtracting(BuiltInKinds.groupOrder).subtracting([""]).sorted()
        return BuiltInKinds.groupOrder.filter(served.contains) + custom
    }

    /// The versions of a group, the preferred one first. Definitions' versions follow Kubernetes' rule: general
    /// availability before beta before alpha, higher numbers first.
    func versions(of group: String) -> [String] {
        var versions: [String] = []
        for kind in kinds(of: group) {
            for version in kind.versions where !versions.contains(version) { versions.append(version) }
        }
        guard !BuiltInKinds.groupOrder.contains(group) else {
            // The table has them in order, but not every kind has every version.
            let isStable: (String) -> Bool = { !$0.contains("beta") && !$0.contains("alpha") }
            return versions.filter(isStable) + versions.filter { !isStable($0) }
        }
        return versions.sorted { VersionRank($0) > VersionRank($1) }
    }

    func kinds(of group: String, in version: String? = nil) -> [ServedKind] {
        order.compactMap { resource in
            guard resource.group == group, !hidden.contains(resource), let kind = kinds[resource],
                version.map(kind.versions.contains) ?? true
            else { return nil }
            return kind
        }.sorted { $0.resource.resource < $1.resource.resource }
    }
}

/// How Kubernetes orders versions: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, then the rest by name.
///
/// Source: Kubernetes documentation, "Versions in CustomResourceDefinitions", "Version priority".
struct VersionRank: Comparable {
    private let stability: Int
    private let major: Int
    private let minor: Int
    private let name: String

    init(_ version: String) {
        name = version
        var rest = Substring(version)
        guard rest.popFirst() == "v", let major = VersionRank.number(&rest), major > 0 else {
            (stability, major, minor) = (0, 0, 0)
            return
        }
        self.major = major
        if rest.isEmpty {
            (stability, minor) = (3, 0)
            return
        }
        let word = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(word.count)
        guard let minor = VersionRank.number(&rest), rest.isEmpty, word == "beta" || word == "alpha" else {
            (stability, self.minor) = (0, 0)
            return
        }
        self.minor = minor
        stability = word == "beta" ? 2 : 1
    }

    private static func number(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return Int(digits)
    }

    static func < (left: VersionRank, right: VersionRank) -> Bool {
        if left.stability != right.stability { return left.stability < right.stability }
        if left.stability == 0 { return left.name > right.name }
        return (left.major, left.minor) < (right.major, right.minor)
    }
}
