import KubernetesModel

/// A pod brings the claims that it mounts, also when a label selector chose the pod alone.
enum AddClaimsFromPod {
    static let action = ItemAction(name: "velero.io/add-pvc-from-pod", resources: [Restored.pods]) { draft, _ in
        for volume in draft.stored.json["spec", "volumes"]?.array ?? [] {
            guard let claim = volume["persistentVolumeClaim", "claimName"]?.string, !claim.isEmpty else { continue }
            draft.additionalItems.append(
                ObjectReference(
                    resource: Restored.persistentVolumeClaims, namespace: draft.stored.namespace, name: claim))
        }
    }
}
