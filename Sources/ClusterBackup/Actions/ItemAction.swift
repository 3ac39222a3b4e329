package import KubernetesModel

/// One built-in rule of how objects of some kinds change on their way back. Reference: section 11.
///
/// A rule is pure: it sees the object, what was stored, and the settings of the restore. Applied twice it gives the
/// same as applied once, because an object that is found in the cluster goes through the same rules before it is
/// compared.
package struct ItemAction: Sendable {
    /// As `velero plugin get` lists it: `velero.io/pod`.
    package let name: String
    package let resources: Set<GroupResource>
    package let apply: @Sendable (inout ItemDraft, ActionSettings) throws(ActionError) -> Void
}

/// An object on its way from the archive to the cluster.
package struct ItemDraft: Sendable {
    package let resource: GroupResource
    /// As it lies in the archive.
    package let stored: APIObject
    /// As it will be sent. Its namespace is still the original one: mapping comes after all rules.
    package var object: APIObject
    /// What must be restored before this object, by the namespaces of the archive.
    package var additionalItems: [ObjectReference] = []
    /// Why the object is not restored at all; nil if it is.
    package var skipReason: String?

    package init(resource: GroupResource, stored: APIObject) {
        self.resource = resource
        self.stored = stored
        object = stored
    }
}

/// What the rules may look at beside the object.
package struct ActionSettings: Sendable {
    /// From original namespace to the one restored into.
    package var namespaceMapping: [String: String] = [:]
    package var preserveNodePorts = false
    package var storageClasses = StorageClassMapping()
    package var images = ImageMapping()
    package var initHooks = InitContainerHooks()
    /// Holds pods back until their volumes are filled; nil if nobody will fill them.
    package var waiter: RestoreWaiter?
    package var savedVolumes = VolumeRecords()
    /// Service accounts that exist, or will, in the cluster, by target namespace; asked for token Secrets alone.
    package var serviceAccounts: Set<NamespacedName> = []

    package init() {}

    /// The namespace that objects of `original` go into.
    package func target(of original: String) -> String { namespaceMapping[original] ?? original }
}

package struct NamespacedName: Sendable, Hashable, CustomStringConvertible {
    package let namespace: String
    package let name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    package var description: String { "\(namespace)/\(name)" }
}

/// Why a rule could not do its work on an object. Trying again will not help.
package struct ActionError: Error, Hashable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}

/// The built-in rules in the order in which they run: by name.
package struct ItemActions: Sendable {
    package static let builtIn = ItemActions([
        ClusterOwnObjects.authorities, ClusterOwnObjects.endpoints, ClusterOwnObjects.slices, AddClaimsFromPod.action,
        AdmissionWebhooks.action,
        AggregatedAPIServices.action, ImageMapping.action,
        StorageClassMapping.action, BindingSubjects.clusterRoleBindings, DefinitionsPreserveFields.action,
        MovedVolumeRecords.action, InitContainerHooks.action, JobSelectors.action, PodPlacement.action,
        RestoreWait.action, ClaimBinding.action, BindingSubjects.roleBindings, TokenSecrets.action, ServicePorts.action,
        ServiceAccountTokens.action,
    ])

    /// Those that only take off what the cluster gives anew.
    package static let resets = ItemActions([
        AdmissionWebhooks.action, DefinitionsPreserveFields.action, JobSelectors.action, PodPlacement.action,
        ClaimBinding.action, TokenSecrets.action, ServicePorts.action, ServiceAccountTokens.action,
    ])

    private let byResource: [GroupResource: [ItemAction]]
    package let all: [ItemAction]

    init(_ actions: [ItemAction]) {
        all = actions.sorted { $0.name < $1.name }
        var table: [GroupResource: [ItemAction]] = [:]
        for action in all {
            for resource in action.resources { table[resource, default: []].append(action) }
        }
        byResource = table
    }

    /// Runs every rule for the draft's kind; stops at one that skips the object.
    package func apply(to draft: inout ItemDraft, _ settings: ActionSettings) throws(ActionError) {
        for action in byResource[draft.resource] ?? [] {
            do {
                try action.apply(&draft, settings)
            } catch {
                throw ActionError("\(action.name): \(error.message)")
            }
            if draft.skipReason != nil { return }
        }
    }
}
