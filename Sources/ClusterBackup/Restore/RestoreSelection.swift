package import KubernetesModel
package import VeleroAPI

/// Which objects of an archive come back. Reference: sections 10.1 and 10.3.
package struct RestoreSelection: Sendable {
    private let namespaces: NamespacePatterns
    private let includedResources: Set<GroupResource>?
    private let excludedResources: Set<GroupResource>
    private let excludesEverything: Bool
    private let includeClusterResources: Bool?
    private let selectors: [LabelSelector]

    /// - Parameter served: turns the names of the filters into kinds.
    package init(_ spec: RestoreSpec, served: ServedKinds) {
        namespaces = NamespacePatterns(included: spec.includedNamespaces, excluded: spec.excludedNamespaces)
        includedResources = RestoreSelection.kinds(spec.includedResources, served)
        excludedResources = Set(spec.excludedResources.filter { $0 != "*" }.flatMap(served.resolve))
            .union(Restored.never)
        excludesEverything = spec.excludedResources.contains("*")
        includeClusterResources = spec.includeClusterResources
        selectors = spec.labelSelector.map { [$0] } ?? spec.orLabelSelectors
    }

    /// Nil for all.
    private static func kinds(_ names: [String], _ served: ServedKinds) -> Set<GroupResource>? {
        names.isEmpty || names.contains("*") ? nil : Set(names.flatMap(served.resolve))
    }

    /// Whether objects of this kind come back at all.
    package func includes(_ resource: GroupResource) -> Bool {
        if Restored.never.contains(resource) { return false }
        if Restored.always.contains(resource) { return true }
        if excludesEverything || excludedResources.contains(resource) { return false }
        return includedResources?.contains(resource) ?? true
    }

    /// Whether an object is chosen by its place. Its labels are asked for apart, because they lie in its bytes.
    package func includes(_ place: ObjectReference) -> Bool {
        guard includes(place.resource) else { return false }
        guard let namespace = place.namespace else {
            return includeClusterResources ?? namespaces.isEverything
        }
        return namespaces.matches(namespace)
    }

    /// Whether an object may come because another one needs it: the volume of a claim, the claim of a pod.
    package func admits(additional place: ObjectReference) -> Bool {
        guard includes(place.resource) else { return false }
        guard let namespace = place.namespace else { return includeClusterResources ?? true }
        return namespaces.matches(namespace)
    }

    /// Whether the labels of a stored object match the selector, or one of them.
    package func matches(_ labels: [String: String]) -> Bool {
        selectors.isEmpty || selectors.contains { $0.matches(labels) }
    }
}

/// A namespace filter: names with `*`, `?` and `[a-z]`; an exclusion wins. Reference: section 3.3.
package struct NamespacePatterns: Sendable, Hashable {
    private let included: [DottedGlob]?
    private let excluded: [DottedGlob]

    /// A pattern that cannot be read matches nothing; validation has refused it before.
    package init(included: [String], excluded: [String]) {
        func globs(_ patterns: [String]) -> [DottedGlob] {
            patterns.compactMap { try? DottedGlob($0) }  // See above.
        }
        self.included = included.isEmpty || included.contains("*") ? nil : globs(included)
        self.excluded = globs(excluded)
    }

    package var isEverything: Bool { included == nil && excluded.isEmpty }

    package func matches(_ namespace: String) -> Bool {
        if excluded.contains(where: { $0.matches(namespace) }) { return false }
        return included?.contains { $0.matches(namespace) } ?? true
    }
}
