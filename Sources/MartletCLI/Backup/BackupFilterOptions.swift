import ArgumentParser
import VeleroAPI

/// What a backup contains: the flags of `velero backup create`, by the same names.
struct BackupFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Namespaces to back up, with globs; default all.", valueName: "names"))
    var includeNamespaces: [NameList] = []

    @Option(help: ArgumentHelp("Namespaces to leave out.", valueName: "names"))
    var excludeNamespaces: [NameList] = []

    @Option(help: ArgumentHelp("Kinds to back up: 'pods,deployments.apps'; default all.", valueName: "kinds"))
    var includeResources: [NameList] = []

    @Option(help: ArgumentHelp("Kinds to leave out.", valueName: "kinds"))
    var excludeResources: [NameList] = []

    @Option(
        help: ArgumentHelp(
            "Cluster-scoped objects: all (true), none (false); default those that belong to what is backed up.",
            valueName: "=true|false"))
    var includeClusterResources: Choice?

    @Option(
        help: ArgumentHelp(
            "Cluster-scoped kinds to back up. The four scoped filters do not go with the three above.",
            valueName: "kinds"))
    var includeClusterScopedResources: [NameList] = []

    @Option(help: ArgumentHelp("Cluster-scoped kinds to leave out.", valueName: "kinds"))
    var excludeClusterScopedResources: [NameList] = []

    @Option(help: ArgumentHelp("Namespaced kinds to back up.", valueName: "kinds"))
    var includeNamespaceScopedResources: [NameList] = []

    @Option(help: ArgumentHelp("Namespaced kinds to leave out.", valueName: "kinds"))
    var excludeNamespaceScopedResources: [NameList] = []

    @OptionGroup var selectors: SelectorOptions

    @Option(
        help: ArgumentHelp(
            "Objects to back up first, in this order: 'pods=ns1/a,ns1/b;persistentvolumes=pv4'.", valueName: "order"))
    var orderedResources: String?

    func validate() throws {
        let usesOldFilters =
            !includeResources.isEmpty || !excludeResources.isEmpty || includeClusterResources != nil
        let usesScopedFilters =
            !includeClusterScopedResources.isEmpty || !excludeClusterScopedResources.isEmpty
            || !includeNamespaceScopedResources.isEmpty || !excludeNamespaceScopedResources.isEmpty
        if usesOldFilters, usesScopedFilters {
            throw ValidationError(
                "'--include-resources', '--exclude-resources' and '--include-cluster-resources' cannot be combined with the "
                    + "cluster-scoped and namespace-scoped filters: use one family")
        }
        _ = try orderedNames()
    }

    /// Sets the filters of `spec`.
    func apply(to spec: inout BackupSpec) throws {
        spec.includedNamespaces = includeNamespaces.names
        spec.excludedNamespaces = excludeNamespaces.names
        spec.includedResources = includeResources.names
        spec.excludedResources = excludeResources.names
        spec.includeClusterResources = includeClusterResources?.isOn
        spec.includedClusterScopedResources = includeClusterScopedResources.names
        spec.excludedClusterScopedResources = excludeClusterScopedResources.names
        spec.includedNamespaceScopedResources = includeNamespaceScopedResources.names
        spec.excludedNamespaceScopedResources = excludeNamespaceScopedResources.names
        spec.labelSelector = try selectors.labelSelector()
        spec.orLabelSelectors = try selectors.orLabelSelectors()
        spec.orderedResources = try orderedNames()
    }

    private func orderedNames() throws -> [String: String] {
        var ordered: [String: String] = [:]
        for part in (orderedResources ?? "").split(separator: ";") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
                throw ValidationError(
                    "'\(part)' is no order of objects. Write --ordered-resources 'pods=ns1/a,ns1/b;persistentvolumes=pv4'"
                )
            }
            ordered[sides[0]] = sides[1]
        }
        return ordered
    }
}
