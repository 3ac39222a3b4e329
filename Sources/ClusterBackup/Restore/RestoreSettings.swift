package import KubernetesModel
package import VeleroAPI

/// Everything beside the archive and the cluster that decides how objects come back.
package struct RestoreSettings: Sendable {
    package let name: RestoreName
    package let backupName: BackupName
    package let spec: RestoreSpec
    package var actions: ActionSettings
    package let modifiers: ResourceModifiers
    package let volumes: VolumeDecision
    package let execHooks: [ExecHook]
    package let policy: ExistingResourcePolicy
    /// Of the backup; for the objects that speak of its volumes.
    package var location = "default"
    package var veleroNamespace = "velero"

    /// - Parameters:
    ///   - modifierText: the YAML that `spec.resourceModifier` names; nil without.
    ///   - waiter: for pods with volumes to fill; nil if nobody fills them.
    /// - Throws: `ActionError` for hooks or modifiers that cannot be read.
    package init(
        name: RestoreName, backupName: BackupName, spec: RestoreSpec, plugins: PluginConfiguration = .init(),
        modifierText: String? = nil, volumes: VolumeRecords = .init(), waiter: RestoreWaiter? = nil
    ) throws(ActionError) {
        self.name = name
        self.backupName = backupName
        self.spec = spec
        var actions = ActionSettings()
        actions.namespaceMapping = spec.namespaceMapping
        actions.preserveNodePorts = spec.preserveNodePorts ?? false
        actions.storageClasses = StorageClassMapping(classes: plugins.storageClasses)
        actions.images = plugins.images
        actions.initHooks = try InitContainerHooks(spec.hooks)
        if var waiter {
            try waiter.configure(plugins.restoreHelper)
            actions.waiter = waiter
        }
        actions.savedVolumes = volumes
        self.actions = actions
        modifiers =
            try modifierText.map { (text) throws(ActionError) in try ResourceModifiers(parsing: text) } ?? .init()
        self.volumes = VolumeDecision(records: volumes, restoresSnapshots: spec.restorePVs ?? true)
        execHooks = try ExecHook.all(in: spec.hooks)
        policy = ExistingResourcePolicy(rawValue: spec.existingResourcePolicy) ?? .none
    }

    /// Whether the saved status of an object is put back after it was created. Reference: section 10.4, point 7.
    package func restoresStatus(of stored: APIObject, _ resource: GroupResource, served: ServedKinds) -> Bool {
        switch stored.annotations["velero.io/restore-status"] {
        case "true": return true
        case "false": return false
        default: break
        }
        guard let filter = spec.restoreStatus else { return false }
        func names(_ list: [String]) -> Bool {
            list.contains("*") || list.contains { served.resolve($0) == resource }
        }
        return names(filter.includedResources) && !names(filter.excludedResources)
    }
}
