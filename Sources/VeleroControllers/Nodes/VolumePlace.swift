package import KubernetesModel

/// Where a pod's volume lies on its node. Source: reference section 8.2, and Kubernetes' volume plug-ins.
package enum VolumePlace: Sendable, Hashable {
    /// In the folder that the kubelet has for the pod, beneath that of some plug-in, under this name.
    case ofPod(String)
    /// A folder of the node itself: the path of a hostPath PersistentVolume. The kubelet mounts nothing for it.
    case ofNode(String)

    /// The claim behind a volume of a pod; nil if there is none.
    /// - Throws: `.notFound` if the pod has no such volume.
    package static func claim(of volume: String, in pod: APIObject) throws(ControllerError) -> String? {
        let entry = try entry(volume, pod)
        // A generic ephemeral volume has a claim named after pod and volume.
        if entry["ephemeral"] != nil { return "\(pod.name)-\(volume)" }
        return entry["persistentVolumeClaim", "claimName"]?.string
    }

    /// - Parameter persistentVolume: what the volume's claim is bound to; nil for volumes without a claim.
    /// - Throws: `.invalid` for volumes that are in no folder of the node; `.notFound`.
    package init(
        of volume: String, in pod: APIObject, persistentVolume: APIObject?
    ) throws(ControllerError) {
        let entry = try VolumePlace.entry(volume, pod)
        guard let persistentVolume else {
            if entry["hostPath"] != nil {
                throw ControllerError(.invalid, "volume \(volume) of pod \(pod.name) is a folder of the node itself")
            }
            self = .ofPod(try VolumePlace.checked(volume))
            return
        }
        if persistentVolume.json["spec", "volumeMode"]?.string == "Block" {
            throw ControllerError(.invalid, "PersistentVolume \(persistentVolume.name) is a block device")
        }
        if let path = persistentVolume.json["spec", "hostPath", "path"]?.string {
            guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw ControllerError(
                    .invalid, "PersistentVolume \(persistentVolume.name) has a hostPath that is not absolute")
            }
            self = .ofNode(path)
        } else {
            self = .ofPod(try VolumePlace.checked(persistentVolume.name))
        }
    }

    private static func entry(_ volume: String, _ pod: APIObject) throws(ControllerError) -> JSONValue {
        for entry in pod.json["spec", "volumes"]?.array ?? [] where entry["name"]?.string == volume { return entry }
        throw ControllerError(.notFound, "pod \(pod.namespace ?? "")/\(pod.name) has no volume \(volume)")
    }

    private static func checked(_ name: String) throws(ControllerError) -> String {
        guard KubernetesName.isPathSegment(name) else {
            throw ControllerError(.invalid, "'\(name)' can be no folder's name")
        }
        return name
    }
}
