import KubernetesModel

/// Moves claims and volumes to storage classes of the new cluster. Reference: section 13.2.
package struct StorageClassMapping: Sendable, Hashable {
    /// From old class to new.
    package var classes: [String: String]
    /// Those of the new classes that the cluster does not have; an object that needs one is an error.
    package var missing: Set<String>

    package init(classes: [String: String] = [:], missing: Set<String> = []) {
        self.classes = classes
        self.missing = missing
    }

    static let betaAnnotation = "volume.beta.kubernetes.io/storage-class"

    static let action = ItemAction(
        name: "velero.io/change-storage-class",
        resources: [Restored.persistentVolumeClaims, Restored.persistentVolumes, Restored.statefulSets]
    ) { draft, settings throws(ActionError) in
        let mapping = settings.storageClasses
        guard !mapping.classes.isEmpty else { return }
        guard draft.resource == Restored.statefulSets else {
            try mapping.map(&draft.object)
            return
        }
        guard let templates = draft.object.json["spec", "volumeClaimTemplates"]?.array else { return }
        var mapped: [JSONValue] = []
        for template in templates {
            var claim = APIObject(template)
            try mapping.map(&claim)
            mapped.append(claim.json)
        }
        draft.object.json["spec", "volumeClaimTemplates"] = .array(mapped)
    }

    private func map(_ object: inout APIObject) throws(ActionError) {
        if let old = object.json["spec", "storageClassName"]?.string, let new = try replacement(for: old) {
            object.json["spec", "storageClassName"] = .string(new)
        }
        if let old = object.annotations[StorageClassMapping.betaAnnotation], let new = try replacement(for: old) {
            object.json["metadata", "annotations", StorageClassMapping.betaAnnotation] = .string(new)
        }
    }

    private func replacement(for old: String) throws(ActionError) -> String? {
        guard let new = classes[old] else { return nil }
        guard !missing.contains(new) else {
            throw ActionError(
                "storage class '\(old)' is mapped to '\(new)', which the cluster does not have; create it or change "
                    + "the mapping")
        }
        return new
    }
}
