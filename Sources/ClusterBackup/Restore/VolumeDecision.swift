package import KubernetesModel
import VeleroAPI

/// What becomes of a PersistentVolume. Reference: section 12.
package enum VolumeFate: Sendable, Hashable {
    /// Created as it was stored, with its binding reset; the claim points to it.
    case asStored
    /// Not created; the claim gets a new volume from its storage class.
    case provisionedAnew(Reason)

    package enum Reason: Sendable, Hashable {
        /// The data lies in a pod volume backup and goes into the new volume.
        case podVolumeBackup
        /// The data lies in a snapshot of a kind that Martlet cannot bring back. The text names it.
        case unsupportedSnapshot(String)
        /// Nothing was saved, and the old disk went away with its claim.
        case nothingSaved
    }
}

/// Decides by what the backup says of the volume, and without that by the volume's reclaim policy.
package struct VolumeDecision: Sendable {
    package let records: VolumeRecords
    /// `spec.restorePVs`; false leaves snapshots alone.
    package let restoresSnapshots: Bool

    package init(records: VolumeRecords, restoresSnapshots: Bool) {
        self.records = records
        self.restoresSnapshots = restoresSnapshots
    }

    package func fate(of volume: APIObject) -> VolumeFate {
        switch records.method(of: volume) {
        case .podVolumeBackup:
            return VolumeDecision.isMadeByHand(volume) ? .asStored : .provisionedAnew(.podVolumeBackup)
        case .nativeSnapshot where restoresSnapshots:
            return .provisionedAnew(.unsupportedSnapshot("a snapshot of the cloud's disk"))
        case .csiSnapshot where restoresSnapshots: return .provisionedAnew(.unsupportedSnapshot("a CSI snapshot"))
        default:
            return volume.json["spec", "persistentVolumeReclaimPolicy"]?.string == "Delete"
                ? .provisionedAnew(.nothingSaved) : .asStored
        }
    }

    /// Whether no provisioner makes such a volume: its claim would wait for ever for a new one, where Velero lets it. The volume
    /// comes back reserved for its claim, and the saved data goes into it.
    private static func isMadeByHand(_ volume: APIObject) -> Bool {
        let hasFolder = volume.json["spec", "local"] != nil || volume.json["spec", "hostPath"] != nil
        return hasFolder && volume.annotations["pv.kubernetes.io/provisioned-by"] == nil
    }

    /// Frees a volume that is restored as stored from its old binding.
    package static func resetBinding(ofVolume volume: inout APIObject, _ settings: ActionSettings) {
        ClaimBinding.removeAnnotations(ClaimBinding.bindingAnnotations, from: &volume)
        guard volume.json["spec", "claimRef"]?.object != nil else { return }
        volume.json["spec", "claimRef", "uid"] = nil
        volume.json["spec", "claimRef", "resourceVersion"] = nil
        if let namespace = volume.json["spec", "claimRef", "namespace"]?.string {
            volume.json["spec", "claimRef", "namespace"] = .string(settings.target(of: namespace))
        }
    }

    /// Lets a claim find its volume: the stored one, or a new one.
    package static func resetBinding(ofClaim claim: inout APIObject, fate: VolumeFate?) {
        ClaimBinding.removeAnnotations(ClaimBinding.bindingAnnotations, from: &claim)
        if case .provisionedAnew? = fate { claim.json["spec", "volumeName"] = nil }
    }
}

/// Why a volume that is in the cluster already must go before the stored one can come; nil if it may stay.
package enum VolumeObstacle {
    package static func find(_ volume: APIObject, claimOrNamespaceIsTerminating: Bool) -> String? {
        if volume.isBeingDeleted { return "it is being deleted" }
        if volume.json["status", "phase"]?.string == "Released" { return "it is released by a claim that is gone" }
        if claimOrNamespaceIsTerminating { return "its claim, or the namespace of its claim, is being deleted" }
        return nil
    }
}
