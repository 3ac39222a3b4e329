package import KubernetesModel
package import VeleroAPI

/// Which kinds a backup takes: Velero's two families of filters, resolved against a server.
///
/// Source: Velero 1.18, backup include and exclude rules. The two kinds that 1.17 excludes by itself (VolumeSnapshots and
/// their contents) are left out here too, but not by changing the lists: there, a default backup lost the cluster-scoped
/// kinds by it.
package enum ResourceFilter: Sendable, Hashable {
    /// `includedResources`, `excludedResources`, `includeClusterResources`.
    case old(includes: Set<GroupResource>?, excludes: Set<GroupResource>, includesCluster: Bool?)
    /// The four lists of 1.11. Nil excludes mean "all are excluded".
    case scoped(cluster: ScopedList, namespaced: ScopedList)

    package struct ScopedList: Sendable, Hashable {
        /// `*` was included.
        var includesAll = false
        var excludesAll = false
        var includes: Set<GroupResource> = []
        var excludes: Set<GroupResource> = []

        var isEmpty: Bool { !includesAll && !excludesAll && includes.isEmpty && excludes.isEmpty }
        /// For namespaced kinds, where an empty include list means all.
        var isEverything: Bool { (includesAll || includes.isEmpty) && !excludesAll && excludes.isEmpty }
    }

    package init(_ spec: BackupSpec, policy: IncludeExcludePolicy?, catalog: KindCatalog) {
        func resolved(_ texts: [String]) -> Set<GroupResource> {
            Set(texts.filter { $0 != "*" }.map(catalog.resolve))
        }
        if spec.usesOldFilters {
            let includesAll = spec.includedResources.isEmpty || spec.includedResources == ["*"]
            self = .old(
                includes: includesAll ? nil : resolved(spec.includedResources),
                excludes: resolved(spec.excludedResources), includesCluster: spec.includeClusterResources)
            return
        }
        func list(_ includes: [String], _ excludes: [String], _ moreIncludes: [String], _ moreExcludes: [String])
            -> ScopedList
        {
            var list = ScopedList(
                includesAll: includes.contains("*"), excludesAll: excludes.contains("*"), includes: resolved(includes),
                excludes: resolved(excludes))
            // What the backup itself decided stays; the policy decides about the rest.
            list.excludes.formUnion(resolved(moreExcludes).subtracting(list.includes))
            if !list.excludesAll, !list.includesAll {
                list.includes.formUnion(resolved(moreIncludes).subtracting(list.excludes))
            }
            return list
        }
        self = .scoped(
            cluster: list(
                spec.includedClusterScopedResources, spec.excludedClusterScopedResources,
                policy?.includedClusterScopedResources ?? [], policy?.excludedClusterScopedResources ?? []),
            namespaced: list(
                spec.includedNamespaceScopedResources, spec.excludedNamespaceScopedResources,
                policy?.includedNamespaceScopedResources ?? [], policy?.excludedNamespaceScopedResources ?? []))
    }

    private static let alwaysExcluded: Set<GroupResource> = [
        KindCatalog.volumeSnapshots, KindCatalog.volumeSnapshotContents,
    ]

    /// Whether objects of the kind are to be listed. Namespaces have rules of their own, see `includesNamespaces`.
    package func lists(_ kind: ResourceKind, namespaces: NamespaceFilter) -> Bool {
        let resource = kind.groupResource
        if ResourceFilter.alwaysExcluded.contains(resource) { return false }
        switch self {
        case .old(let includes, let excludes, let includesCluster):
            guard includes?.contains(resource) ?? true, !excludes.contains(resource) else { return false }
            return kind.isNamespaced || (includesCluster ?? namespaces.isEverything)
        case .scoped(let cluster, let namespaced):
            let list = kind.isNamespaced ? namespaced : cluster
            if list.excludesAll || list.excludes.contains(resource) { return false }
            if list.includesAll || list.includes.contains(resource) { return true }
            if kind.isNamespaced { return list.includes.isEmpty }
            return list.isEmpty && namespaces.isEverything && namespaced.isEverything
        }
    }

    /// Whether an object of the kind that another object brings along may come. A wider rule than `lists`: only what was
    /// refused in so many words stays out.
    package func admits(_ resource: GroupResource, isNamespaced: Bool) -> Bool {
        if ResourceFilter.alwaysExcluded.contains(resource) { return false }
        switch self {
        case .old(let includes, let excludes, let includesCluster):
            guard !excludes.contains(resource) else { return false }
            if isNamespaced { return includes?.contains(resource) ?? true }
            return includesCluster ?? true
        case .scoped(let cluster, let namespaced):
            let list = isNamespaced ? namespaced : cluster
            return !list.excludesAll && !list.excludes.contains(resource)
        }
    }

    /// Whether Namespace objects are written. They are cluster-scoped but come with their content whatever is said of
    /// cluster-scoped kinds; only naming `namespaces` keeps them out, or an old include list without them.
    package var includesNamespaces: Bool {
        switch self {
        case .old(let includes, let excludes, _):
            (includes?.contains(KindCatalog.namespaces) ?? true) && !excludes.contains(KindCatalog.namespaces)
        case .scoped(let cluster, _): !cluster.excludes.contains(KindCatalog.namespaces)
        }
    }

    /// Whether definitions of custom resources follow their objects.
    package var followsDefinitions: Bool {
        admits(KindCatalog.customResourceDefinitions, isNamespaced: false)
    }
}

extension BackupSpec {
    package var usesOldFilters: Bool {
        !includedResources.isEmpty || !excludedResources.isEmpty || includeClusterResources != nil
    }

    package var usesScopedFilters: Bool {
        !includedClusterScopedResources.isEmpty || !excludedClusterScopedResources.isEmpty
            || !includedNamespaceScopedResources.isEmpty || !excludedNamespaceScopedResources.isEmpty
    }
}
