internal import KubernetesModel
internal import VeleroAPI

/// What one object brings along into a backup, and how it is changed on the way: Velero's built-in backup actions, pure.
/// Source: reference section 4.1.
enum ItemConnections {
    /// Kinds that must be decoded; all others pass as they came.
    static let decodedKinds: Set<GroupResource> = [
        KindCatalog.pods, KindCatalog.persistentVolumeClaims, KindCatalog.persistentVolumes,
        KindCatalog.clusterRoleBindings,
    ]

    /// Kinds that others bring along: what was written of them must be remembered, so that each goes in once.
    static let followedKinds: Set<GroupResource> = [
        KindCatalog.persistentVolumeClaims, KindCatalog.persistentVolumes, KindCatalog.priorityClasses,
        KindCatalog.clusterRoles, KindCatalog.clusterRoleBindings, KindCatalog.customResourceDefinitions,
    ]

    /// Built-in groups with a dot in their name. Source: Kubernetes API reference, 1.16 to 1.35.
    private static let builtInGroups: Set<String> = [
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "auditregistration.k8s.io",
        "authentication.k8s.io", "authorization.k8s.io", "certificates.k8s.io", "coordination.k8s.io",
        "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io",
        "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
        "settings.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
    ]

    /// Whether a kind may be a custom one: the group of these has a dot.
    static func mayHaveDefinition(_ resource: GroupResource) -> Bool {
        resource.group.contains(".") && !builtInGroups.contains(resource.group)
    }

    /// What `object` needs: a pod its claims and its priority class, a bound claim its volume, a binding its role.
    static func additionalItems(of object: APIObject, _ resource: GroupResource) -> [ObjectReference] {
        switch resource {
        case KindCatalog.pods:
            var items = PodVolumes(object).claims.map {
                ObjectReference(
                    resource: KindCatalog.persistentVolumeClaims, namespace: object.namespace, name: $0)
            }
            if let priority = object.json["spec", "priorityClassName"]?.string, !priority.isEmpty {
                items.append(ObjectReference(resource: KindCatalog.priorityClasses, namespace: nil, name: priority))
            }
            return items
        case KindCatalog.persistentVolumeClaims:
            guard object.json["status", "phase"]?.string == "Bound",
                let volume = object.json["spec", "volumeName"]?.string, !volume.isEmpty
            else { return [] }
            return [ObjectReference(resource: KindCatalog.persistentVolumes, namespace: nil, name: volume)]
        case KindCatalog.clusterRoleBindings:
            guard object.json["roleRef", "kind"]?.string == "ClusterRole",
                let role = object.json["roleRef", "name"]?.string, !role.isEmpty
            else { return [] }
            return [ObjectReference(resource: KindCatalog.clusterRoles, namespace: nil, name: role)]
        default: return []
        }
    }

    /// The service accounts that a ClusterRoleBinding gives rights to.
    static func serviceAccounts(of binding: APIObject) -> [(namespace: String, name: String)] {
        (binding.json["subjects"]?.array ?? []).compactMap { subject in
            guard subject["kind"]?.string == "ServiceAccount", let name = subject["name"]?.string,
                let namespace = subject["namespace"]?.string
            else { return nil }
            return (namespace, name)
        }
    }

    private static let staleLabels = [
        VeleroName.backupName, VeleroName.restoreName, VeleroName.volumeSnapshotName,
    ]

    /// The claim as it is stored: without its data source, and without the traces of an earlier restore. Nil if nothing
    /// changes, so that the server's own bytes are written.
    static func cleaned(claim: APIObject) -> APIObject? {
        var object = claim
        object.json["spec", "dataSource"] = nil
        object.json["spec", "dataSourceRef"] = nil
        // With the class "" the selector is how the claim finds its volume.
        if object.json["spec", "storageClassName"]?.string != "" { object.json["spec", "selector"] = nil }
        for label in staleLabels {
            object.json["metadata", "labels", label] = nil
            object.json["spec", "selector", "matchLabels", label] = nil
        }
        object.json["metadata", "annotations", VeleroName.mustIncludeAdditionalItems] = nil
        return object == claim ? nil : object
    }
}
