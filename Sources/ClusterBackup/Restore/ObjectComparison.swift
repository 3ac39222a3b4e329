package import KubernetesModel

/// Proves that what came back is what was saved: compares an object of the old cluster with the restored one, after
/// taking off both what a restore resets by design. Pure; the test of the whole product.
package enum ObjectComparison {
    package struct Options: Sendable, Hashable {
        /// From original namespace to the one restored into.
        package var namespaceMapping: [String: String] = [:]
        package var preserveNodePorts = false
        /// Claims and volumes were provisioned anew, so their binding is another.
        package var ignoresBinding = true
        /// Whether the record of who set which field must be the same too. Controllers add to it at once.
        package var comparesManagedFields = false

        package init() {}
    }

    /// The fields that differ; empty if `restored` equals `original` as far as a restore promises.
    ///
    /// What is taken off both: reference 10.4 points 1 and 2, the resets of section 11, the labels that a restore puts
    /// on, and what the scheduler, the binder and the token controller of a cluster write by themselves.
    package static func differences(
        original: APIObject, restored: APIObject, resource: GroupResource, options: Options = Options()
    ) -> [FieldDifference] {
        var expected = comparable(original, resource, options)
        if let namespace = original.namespace { expected.namespace = options.namespaceMapping[namespace] ?? namespace }
        expected = mapSubjects(expected, resource, options)
        return FieldDifference.between(expected, comparable(restored, resource, options))
    }

    private static func comparable(_ object: APIObject, _ resource: GroupResource, _ options: Options) -> APIObject {
        var result = ItemPreparation.reset(object, resource: resource, preserveNodePorts: options.preserveNodePorts)
        for label in ["velero.io/backup-name", "velero.io/restore-name"] {
            result.json["metadata", "labels", label] = nil
        }
        // Servers from 1.21 on put it on by themselves.
        if resource == Restored.namespaces { result.json["metadata", "labels", "kubernetes.io/metadata.name"] = nil }
        for annotation in statusInAnnotations { result.json["metadata", "annotations", annotation] = nil }
        for field in ["labels", "annotations"] where result.json["metadata", field]?.object?.isEmpty == true {
            result.json["metadata", field] = nil
        }
        if options.ignoresBinding {
            if resource == Restored.persistentVolumeClaims { result.json["spec", "volumeName"] = nil }
            if resource == Restored.persistentVolumes {
                VolumeDecision.resetBinding(ofVolume: &result, ActionSettings())
            }
        }
        if options.comparesManagedFields {
            let owners = FieldOwnership.comparable(object.json["metadata", "managedFields"])
            result.json["metadata", "managedFields"] = .array(owners)
        }
        return result
    }

    private static func mapSubjects(
        _ object: APIObject, _ resource: GroupResource, _ options: Options
    ) -> APIObject {
        guard resource == Restored.roleBindings || resource == Restored.clusterRoleBindings,
            !options.namespaceMapping.isEmpty
        else { return object }
        var draft = ItemDraft(resource: resource, stored: object)
        var settings = ActionSettings()
        settings.namespaceMapping = options.namespaceMapping
        BindingSubjects.map(&draft, settings)
        return draft.object
    }

    /// Where an autoscaler of version v1 keeps the status fields that v1 does not have. Source: Kubernetes,
    /// `autoscaling/v1` annotations.
    private static let statusInAnnotations = [
        "autoscaling.alpha.kubernetes.io/conditions", "autoscaling.alpha.kubernetes.io/current-metrics",
    ]
}
