package import KubernetesModel
package import VeleroAPI

/// Which objects of an archive come back. Reference: sections 10.1 and 10.3.
package struct RestoreSelection: Sendable {
    private let namespaces: NamespaceFilter
    /// Nil for all.
    private let includedResources: Set<GroupResource>?
    private let excludedResources: Set<GroupResource>
    private let includeClusterResources: Bool?
    private let selectors: [LabelSelector]

    /// - Parameter served: turns the names of the filters into kinds.
    package init(_ spec: RestoreSpec, served: ServedKinds) {
        namespaces = NamespaceFilter(includes: spec.includedNamespaces, excludes: spec.excludedNamespaces)
        let included = spec.includedResources
        includedResources = included.isEmpty || included.contains("*") ? nil : Set(included.map(served.resolve))
        excludedResources = Set(spec.excludedResources.map(served.resolve))
        includeClusterResources = spec.includeClusterResources
        selectors = spec.labelSelector.map { [$0] } ?? spec.orLabelSelectors
    }

    /// Whether objects of this kind come back at all.
    package func includes(_ resource: GroupResource) -> Bool {
        if Restored.never.contains(resource) { return false }
        if Restored.always.contains(resource) { return true }
        return !excludedResources.contains(resource) && includedResources?.contains(resource) ?? true
    }

    /// Whether an object is chosen by its place. Its labels are asked for apart, because they lie in its bytes.
    package func includes(_ place: ObjectReference) -> Bool {
        guard includes(place.resource) else { return false }
        guard let namespace = place.namespace else { return includeClusterResources ?? namespaces.isEverything }
        return namespaces.includes(namespace)
    }

    /// Whether an object may come because another one needs it: the volume of a claim, the claim of a pod.
    package func admits(additional place: ObjectReference) -> Bool {
        guard includes(place.resource) else { return false }
        guard let namespace = place.namespace else { return includeClusterResources ?? true }
        return namespaces.includes(namespace)
    }

    /// Whether labels choose among the objects.
    package var selectsByLabel: Bool { !selectors.isEmpty }

    /// Whether the labels of a stored object match the selector, or one of them.
    package func matches(_ labels: [String: String]) -> Bool {
        selectors.isEmpty || selectors.contains { $0.matches(labels) }
    }
}
