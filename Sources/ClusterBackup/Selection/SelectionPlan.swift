package import KubernetesModel
package import VeleroAPI

/// What a backup will ask the server for, and what of the answers it keeps: a value, made before anything is read.
package struct SelectionPlan: Sendable, Hashable {
    /// One kind to list.
    package struct KindPlan: Sendable, Hashable {
        package let kind: ResourceKind
        /// Nil for one list of the whole cluster; sifted by `keeps` where only some namespaces are wanted.
        package let namespaces: [String]?
    }

    package let catalog: KindCatalog
    package let namespaces: NamespaceFilter
    package let resources: ResourceFilter
    package let labels: LabelFilter
    package let ordered: OrderedResources
    /// Namespaces whose content is taken, of those that exist.
    package let selectedNamespaces: [String]
    /// In the order of the backup. Namespaces are not among them: see `keepsNamespace`.
    package let kinds: [KindPlan]
    /// What is worth an error in the results: a namespace that was named and is not there.
    package let problems: [String]

    /// What is wrong with a spec by itself; empty if nothing is. In Velero's words.
    package static func validationErrors(_ spec: BackupSpec, policy: ResourcePolicy? = nil) -> [String] {
        var errors: [String] = []
        if spec.usesOldFilters, spec.usesScopedFilters {
            errors.append(
                "include-resources, exclude-resources and include-cluster-resources are old filter parameters.\n"
                    + "include-cluster-scoped-resources, exclude-cluster-scoped-resources, "
                    + "include-namespace-scoped-resources and exclude-namespace-scoped-resources are new filter "
                    + "parameters.\nThey cannot be used together")
        }
        if spec.usesOldFilters, policy?.includeExclude != nil {
            errors.append(
                "include-resources, exclude-resources and include-cluster-resources are old filter parameters.\n"
                    + "They cannot be used with include-exclude policies.")
        }
        errors += FilterLists.problems(includes: spec.includedResources, excludes: spec.excludedResources)
            .map { "Invalid included/excluded resource lists: \($0)" }
        errors += FilterLists.scopedProblems(
            includes: spec.includedClusterScopedResources, excludes: spec.excludedClusterScopedResources
        ).map { "Invalid cluster-scoped included/excluded resource lists: \($0)" }
        errors += FilterLists.scopedProblems(
            includes: spec.includedNamespaceScopedResources, excludes: spec.excludedNamespaceScopedResources
        ).map { "Invalid namespace-scoped included/excluded resource lists: \($0)" }
        errors += NamespaceFilter.problems(includes: spec.includedNamespaces, excludes: spec.excludedNamespaces)
        if let selector = spec.labelSelector, !selector.isEverything, !spec.orLabelSelectors.isEmpty {
            errors.append(
                "encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified")
        }
        return errors
    }

    /// - Parameters:
    ///   - spec: one without validation errors.
    ///   - clusterNamespaces: every namespace of the cluster.
    package init(
        _ spec: BackupSpec, catalog: KindCatalog, clusterNamespaces: [ClusterNamespace], policy: ResourcePolicy? = nil
    ) {
        self.catalog = catalog
        var namespaces = NamespaceFilter(includes: spec.includedNamespaces, excludes: spec.excludedNamespaces)
        let existing = Set(clusterNamespaces.map(\.name))
        var problems = namespaces.namedNamespaces.filter { !existing.contains($0) }.map {
            "namespace \($0) was asked for but does not exist"
        }
        namespaces.leaveOut(clusterNamespaces.filter(\.isExcluded).map(\.name))
        let selected = clusterNamespaces.map(\.name).filter(namespaces.includes).sorted()
        let resources = ResourceFilter(spec, policy: policy?.includeExclude, catalog: catalog)
        var taken: Set<Set<GroupResource>> = []
        var kinds: [KindPlan] = []
        for kind in catalog.kinds where kind.groupResource != KindCatalog.namespaces {
            guard resources.lists(kind, namespaces: namespaces) else { continue }
            if let group = KindCatalog.cohabitants.first(where: { $0.contains(kind.groupResource) }) {
                guard taken.insert(group).inserted else { continue }
            }
            let isWhole = !kind.isNamespaced || namespaces.asksForWholeCluster
            kinds.append(KindPlan(kind: kind, namespaces: isWhole ? nil : selected))
        }
        ordered = OrderedResources(spec.orderedResources, catalog: catalog)
        problems += ordered.problems
        self.namespaces = namespaces
        self.resources = resources
        labels = LabelFilter(spec)
        selectedNamespaces = selected
        self.kinds = kinds
        self.problems = problems
    }
}

/// A namespace as far as selection needs it.
package struct ClusterNamespace: Sendable, Hashable {
    package let name: String
    package let labels: [String: String]
    /// Not being deleted.
    package let isActive: Bool

    package init(name: String, labels: [String: String] = [:], isActive: Bool = true) {
        self.name = name
        self.labels = labels
        self.isActive = isActive
    }

    /// It asked to be left out, with all that is in it.
    var isExcluded: Bool { labels[VeleroName.excludeFromBackup] == "true" }
}

extension SelectionPlan {
    /// Whether an object of a list belongs into the backup; `request` is the place of the list's selector in
    /// `labels.requests`.
    package func keeps(_ object: RawObject, request: Int) -> Bool {
        guard isWanted(object) else { return false }
        if let namespace = object.namespace, !namespaces.includes(namespace) { return false }
        return labels.isFirst(request, for: object.labels)
    }

    /// Whether an object that is fetched by its name, because it goes first, belongs into the backup.
    package func keepsOrdered(_ object: RawObject) -> Bool {
        isWanted(object) && object.namespace.map(namespaces.includes) ?? true && labels.matches(object.labels)
    }

    /// Whether an object that another object brings along belongs into the backup. Selectors are not asked: what a chosen
    /// pod needs comes with it.
    package func admits(_ object: RawObject, kind: ResourceKind) -> Bool {
        isWanted(object) && admits(kind.groupResource, namespace: object.namespace)
    }

    /// As far as it can be said before the object is read.
    package func admits(_ resource: GroupResource, namespace: String?) -> Bool {
        guard namespace.map(namespaces.includes) ?? true else { return false }
        return resources.admits(resource, isNamespaced: namespace != nil)
    }

    /// Not marked to be left out, and not on its way out.
    private func isWanted(_ object: RawObject) -> Bool {
        !object.isBeingDeleted && object.labels[VeleroName.excludeFromBackup] != "true"
    }

    /// Whether the kind is listed, so that its objects need not be brought along: all of them come by themselves.
    package func listsAll(_ resource: GroupResource) -> Bool {
        labels.isEverything && kinds.contains { $0.kind.groupResource == resource }
    }

    /// Whether the object of a namespace is written.
    ///
    /// - Parameter hasItems: something in it was collected.
    package func keepsNamespace(_ namespace: ClusterNamespace, hasItems: Bool) -> Bool {
        guard resources.includesNamespaces, namespaces.includes(namespace.name) else { return false }
        if hasItems { return true }
        guard namespace.isActive else { return false }
        // Named in the filter, or met by the selectors (all are, where there is none).
        return !namespaces.asksForWholeCluster || labels.matches(namespace.labels)
    }
}
