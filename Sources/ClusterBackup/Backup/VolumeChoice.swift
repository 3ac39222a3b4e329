package import KubernetesModel
package import VeleroAPI

/// Which volumes of which pods are saved, and what is to be said of the others: the plan of a backup's volumes, as a value.
package struct VolumeChoice: Sendable, Hashable {
    /// A volume that is to be saved.
    package struct ChosenVolume: Sendable, Hashable {
        package let name: String
        package let claim: String?
        package let claimUID: String?
        package let persistentVolume: String?
    }

    /// A pod with volumes to save, or with hooks to run.
    package struct PodDuty: Sendable, Hashable {
        package let namespace: String
        package let name: String
        package let uid: String
        package let node: String
        /// As it was read, without status.
        package let pod: APIObject
        package let volumes: [ChosenVolume]
    }

    package struct Message: Sendable, Hashable {
        package let level: MessageLevel
        package let about: ObjectReference
        package let text: String
    }

    /// By namespace and name.
    package internal(set) var pods: [PodDuty] = []
    /// What was asked for and is not chosen, with the reason.
    package internal(set) var messages: [Message] = []
    /// Claims that a pod of this backup saves, or should: `namespace/name`, with the reason where it was refused.
    var claims: [NamespacedName: ClaimFate] = [:]

    enum ClaimFate: Sendable, Hashable {
        case chosen
        case refused(String)
    }

    init() {}

    /// The choice among `objects`: pods, claims and PersistentVolumes of a backup; others are left aside.
    package init(among objects: some Sequence<APIObject>, for spec: BackupSpec, policy: ResourcePolicy? = nil) {
        var report = VolumeReport()
        for object in objects {
            switch object.kind {
            case "Pod": report.add(object, KindCatalog.pods)
            case "PersistentVolumeClaim": report.add(object, KindCatalog.persistentVolumeClaims)
            case "PersistentVolume": report.add(object, KindCatalog.persistentVolumes)
            default: break
            }
        }
        self = report.choose(spec, policy: policy)
    }
}
