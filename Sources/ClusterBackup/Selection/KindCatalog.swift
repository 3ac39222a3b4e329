package import KubernetesModel

/// The kinds of a server that can be backed up, in the order in which they are, and what people call them.
package struct KindCatalog: Sendable, Hashable {
    /// Those that can be listed, read, created and deleted, in the order of the backup.
    package let kinds: [ResourceKind]

    static let pods = GroupResource("pods")
    static let persistentVolumeClaims = GroupResource("persistentvolumeclaims")
    static let persistentVolumes = GroupResource("persistentvolumes")
    static let namespaces = GroupResource("namespaces")
    static let serviceAccounts = GroupResource("serviceaccounts")
    static let clusterRoles = GroupResource("clusterroles.rbac.authorization.k8s.io")
    static let clusterRoleBindings = GroupResource("clusterrolebindings.rbac.authorization.k8s.io")
    static let priorityClasses = GroupResource("priorityclasses.scheduling.k8s.io")
    static let customResourceDefinitions = GroupResource("customresourcedefinitions.apiextensions.k8s.io")
    static let volumeSnapshots = GroupResource("volumesnapshots.snapshot.storage.k8s.io")
    static let volumeSnapshotContents = GroupResource("volumesnapshotcontents.snapshot.storage.k8s.io")

    private static let neededVerbs: Set<String> = ["list", "create", "get", "delete"]

    /// - Parameter preferred: the kinds in the version that the server prefers, as discovered, without subresources.
    package init(preferred: [ResourceKind]) {
        let usable = preferred.filter { $0.verbs.isSuperset(of: KindCatalog.neededVerbs) }
        // Stable: groups stay as discovered, `extensions` goes last; in the core group pods, claims and volumes lead.
        kinds = usable.enumerated().sorted { left, right in
            let (leftRank, rightRank) = (KindCatalog.rank(left.element), KindCatalog.rank(right.element))
            return leftRank == rightRank ? left.offset < right.offset : leftRank < rightRank
        }.map(\.element)
    }

    private static func rank(_ kind: ResourceKind) -> Int {
        switch kind.groupResource {
        case pods: 0
        case persistentVolumeClaims: 1
        case persistentVolumes: 2
        case let other where other.group.isEmpty: 3
        case let other where other.group == "extensions": 5
        default: 4
        }
    }

    package func kind(_ resource: GroupResource) -> ResourceKind? { kinds.first { $0.groupResource == resource } }

    /// The kind that somebody calls `text`: plural, singular, short name or kind, with or without group, in any case of
    /// letters. Where several fit, plurals go before other names and the order of the backup decides. A text that names
    /// no kind stands for itself, and meets nothing.
    package func resolve(_ text: String) -> GroupResource {
        let wanted = GroupResource(text.lowercased())
        func fits(_ kind: ResourceKind, _ names: [String]) -> Bool {
            guard names.contains(wanted.resource) else { return false }
            let group = kind.groupVersion.group
            return wanted.group.isEmpty || group == wanted.group || group.hasPrefix(wanted.group + ".")
                || wanted.group == "\(kind.groupVersion.version).\(group)"
        }
        let match =
            kinds.first { $0.groupResource == wanted }
            ?? kinds.first { fits($0, [$0.resource]) }
            ?? kinds.first { fits($0, [$0.singular.lowercased(), $0.kind.lowercased()] + $0.shortNames) }
        return match?.groupResource ?? GroupResource(text)
    }

    /// Kinds that are one and the same behind two groups: each group of names is taken once.
    static let cohabitants: [Set<GroupResource>] = [
        [GroupResource("deployments.extensions"), GroupResource("deployments.apps")],
        [GroupResource("daemonsets.extensions"), GroupResource("daemonsets.apps")],
        [GroupResource("replicasets.extensions"), GroupResource("replicasets.apps")],
        [GroupResource("networkpolicies.extensions"), GroupResource("networkpolicies.networking.k8s.io")],
        [GroupResource("events"), GroupResource("events.events.k8s.io")],
    ]
}
