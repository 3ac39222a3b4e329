import KubernetesModel

/// Takes the traces of its old binding off a claim and brings its volume. Reference: sections 11 and 12.
enum ClaimBinding {
    static let bindingAnnotations = [
        "pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller",
    ]
    static let claimAnnotations =
        bindingAnnotations + [
            "volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner",
            "volume.kubernetes.io/selected-node", "velero.io/volume-snapshot-name", "velero.io/data-upload-name",
        ]

    static let action = ItemAction(
        name: "velero.io/pvc", resources: [Restored.persistentVolumeClaims]
    ) { draft, _ in
        removeAnnotations(claimAnnotations, from: &draft.object)
        if draft.stored.json["status", "phase"]?.string == "Bound",
            let volume = draft.stored.json["spec", "volumeName"]?.string, !volume.isEmpty
        {
            draft.additionalItems.append(
                ObjectReference(resource: Restored.persistentVolumes, namespace: nil, name: volume))
        }
    }

    /// Removes annotations, and the member `annotations` when nothing is left, as the server writes it.
    static func removeAnnotations(_ names: [String], from object: inout APIObject) {
        guard var annotations = object.json["metadata", "annotations"]?.object else { return }
        let count = annotations.count
        for name in names { annotations[name] = nil }
        guard annotations.count < count else { return }
        object.json["metadata", "annotations"] = annotations.isEmpty ? nil : .object(annotations)
    }
}
