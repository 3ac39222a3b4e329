import ArgumentParser
import VeleroAPI

/// What is restored: the flags of `velero restore create`, by the same names.
struct RestoreFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Namespaces to restore, as they were called; default all.", valueName: "names"))
    var includeNamespaces: [NameList] = []

    @Option(help: ArgumentHelp("Namespaces to leave out.", valueName: "names"))
    var excludeNamespaces: [NameList] = []

    @Option(help: ArgumentHelp("New names for namespaces: 'old:new,old2:new2'.", valueName: "pairs"))
    var namespaceMappings: [MappingList] = []

    @Option(help: ArgumentHelp("Kinds to restore: 'pods,deployments.apps'; default all.", valueName: "kinds"))
    var includeResources: [NameList] = []

    @Option(help: ArgumentHelp("Kinds to leave out.", valueName: "kinds"))
    var excludeResources: [NameList] = []

    @Option(
        help: ArgumentHelp(
            "Cluster-scoped objects: all (true), none (false); default those that belong to what is restored.",
            valueName: "=true|false"))
    var includeClusterResources: Choice?

    @OptionGroup var selectors: SelectorOptions

    @Option(help: ArgumentHelp("Kinds whose status is restored too.", valueName: "kinds"))
    var statusIncludeResources: [NameList] = []

    @Option(help: ArgumentHelp("Kinds whose status is not restored.", valueName: "kinds"))
    var statusExcludeResources: [NameList] = []

    func apply(to spec: inout RestoreSpec) throws {
        spec.includedNamespaces = includeNamespaces.names
        spec.excludedNamespaces = excludeNamespaces.names
        spec.namespaceMapping = namespaceMappings.mappings
        spec.includedResources = includeResources.names
        spec.excludedResources = excludeResources.names
        spec.includeClusterResources = includeClusterResources?.isOn
        spec.labelSelector = try selectors.labelSelector()
        spec.orLabelSelectors = try selectors.orLabelSelectors()
        guard !statusIncludeResources.isEmpty || !statusExcludeResources.isEmpty else { return }
        var status = RestoreStatusSpec()
        status.includedResources = statusIncludeResources.names
        status.excludedResources = statusExcludeResources.names
        spec.restoreStatus = status
    }
}

/// How it is restored: the rest of the flags of `velero restore create`.
struct RestoreCreateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Objects that exist already: 'none' leaves them, 'update' changes them to what the backup has.",
            valueName: "none|update"))
    var existingResourcePolicy: ExistingResourceChoice?

    @Option(help: ArgumentHelp("Restore volumes from snapshots.", valueName: "=true|false"))
    var restoreVolumes: Choice?

    @Option(help: ArgumentHelp("Keep the node ports of services.", valueName: "=true|false"))
    var preserveNodeports: Choice?

    @Option(help: ArgumentHelp("ConfigMap with resource modifiers, in the service's namespace.", valueName: "name"))
    var resourceModifierConfigmap: String?

    @Option(help: ArgumentHelp("Labels of the Restore: 'a=b,c=d'.", valueName: "pairs"))
    var labels: [PairList] = []

    @Option(help: ArgumentHelp("Annotations of the Restore: 'a=b,c=d'.", valueName: "pairs"))
    var annotations: [PairList] = []

    @Option(help: ArgumentHelp("Longest wait for asynchronous operations; kept in the Restore.", valueName: "span"))
    var itemOperationTimeout: SpanArgument?

    func apply(to spec: inout RestoreSpec) {
        spec.existingResourcePolicy = existingResourcePolicy?.rawValue ?? ""
        spec.restorePVs = restoreVolumes?.isOn
        spec.preserveNodePorts = preserveNodeports?.isOn
        spec.resourceModifier = resourceModifierConfigmap.map { LocalReference(kind: "configmap", name: $0) }
        spec.itemOperationTimeout = itemOperationTimeout?.span
    }
}

/// What `--existing-resource-policy` takes.
enum ExistingResourceChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case none
    case update
}
