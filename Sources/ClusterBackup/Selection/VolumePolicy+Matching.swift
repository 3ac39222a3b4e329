internal import KubernetesModel

/// What the conditions of volume policies ask about a volume, taken from the pod's volume, its claim and its
/// PersistentVolume, as far as there are such.
struct VolumeFacts: Sendable, Hashable {
    var capacity: Int64?
    var storageClass: String?
    /// Keys of the volume's source: `emptyDir`, `nfs`.
    var type: String?
    var source: JSONValue = .null
    var claimLabels: [String: String] = [:]
    var claimPhase: String?
    var hasClaim = false

    private static let otherVolumeFields: Set<String> = [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
        "storageClassName", "volumeMode", "volumeAttributesClassName",
    ]

    init() {}

    mutating func add(volume: JSONValue) {
        let spec = volume["spec"]?.object ?? [:]
        capacity = volume["spec", "capacity", "storage"]?.string.flatMap { Quantity($0)?.roundedUp }
        storageClass = volume["spec", "storageClassName"]?.string ?? storageClass
        if let key = spec.keys.filter({ !VolumeFacts.otherVolumeFields.contains($0) }).min() {
            type = key
            source = spec[key] ?? .null
        }
    }

    mutating func add(claim: JSONValue) {
        hasClaim = true
        storageClass = claim["spec", "storageClassName"]?.string ?? storageClass
        claimLabels = (claim["metadata", "labels"]?.object ?? [:]).compactMapValues(\.string)
        claimPhase = claim["status", "phase"]?.string
    }
}

extension ResourcePolicy {
    /// What the first policy that fits says of a volume; nil if none fits.
    func action(for facts: VolumeFacts) -> VolumePolicy.Action? {
        volumePolicies.first { $0.conditions.hold(for: facts) }?.action
    }
}

extension VolumePolicy.Conditions {
    func hold(for facts: VolumeFacts) -> Bool {
        if minimumCapacity != nil || maximumCapacity != nil {
            guard let capacity = facts.capacity, capacity >= minimumCapacity ?? .min,
                capacity <= maximumCapacity ?? .max
            else { return false }
        }
        if !storageClasses.isEmpty {
            guard let storageClass = facts.storageClass, storageClasses.contains(storageClass) else { return false }
        }
        if let nfs {
            guard facts.type == "nfs" else { return false }
            guard nfs.server.isEmpty || facts.source["server"]?.string == nfs.server else { return false }
            guard nfs.path.isEmpty || facts.source["path"]?.string == nfs.path else { return false }
        }
        if let csi {
            guard facts.type == "csi" else { return false }
            guard csi.driver.isEmpty || facts.source["driver"]?.string == csi.driver else { return false }
            for (key, value) in csi.volumeAttributes {
                guard facts.source["volumeAttributes", key]?.string == value else { return false }
            }
        }
        if !volumeTypes.isEmpty {
            guard let type = facts.type, volumeTypes.contains(type) else { return false }
        }
        if !pvcLabels.isEmpty {
            guard facts.hasClaim, pvcLabels.allSatisfy({ facts.claimLabels[$0.key] == $0.value }) else { return false }
        }
        if !pvcPhases.isEmpty {
            guard let phase = facts.claimPhase, pvcPhases.contains(phase) else { return false }
        }
        return true
    }
}
