internal import KubernetesModel
internal import VeleroAPI

/// What a backup knows of volumes: which are to be saved, and in the end what became of each PersistentVolume.
/// Pure; fed while objects are collected, asked at the end. Memory: the few facts of each claim, volume and pod.
struct VolumeReport: Sendable {
    struct Pod: Sendable {
        let reference: ObjectReference
        let object: APIObject
        let volumes: PodVolumes
    }

    struct Claim: Sendable {
        let facts: VolumeFacts
        let volume: String?
        let uid: String?
        let isBlock: Bool
        let isBound: Bool
    }

    struct Volume: Sendable {
        let claimNamespace: String?
        let claimName: String?
        let reclaimPolicy: String?
        let labels: [String: String]
        let facts: VolumeFacts

        var claim: NamespacedName? {
            guard let claimNamespace, let claimName else { return nil }
            return NamespacedName(namespace: claimNamespace, name: claimName)
        }
    }

    private(set) var pods: [Pod] = []
    private(set) var claims: [ObjectReference: Claim] = [:]
    private(set) var volumes: [String: Volume] = [:]

    /// Takes note of a pod, claim or volume that is in the backup.
    mutating func add(_ object: APIObject, _ resource: GroupResource) {
        let reference = ObjectReference(resource: resource, namespace: object.namespace, name: object.name)
        switch resource {
        case KindCatalog.pods:
            let volumes = PodVolumes(object)
            pods.append(Pod(reference: reference, object: VolumeReport.kept(object), volumes: volumes))
        case KindCatalog.persistentVolumeClaims:
            var facts = VolumeFacts()
            facts.add(claim: object.json)
            let volume = object.json["spec", "volumeName"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            claims[reference] = Claim(
                facts: facts, volume: volume, uid: object.uid,
                isBlock: object.json["spec", "volumeMode"]?.string == "Block",
                isBound: object.json["status", "phase"]?.string == "Bound" && volume != nil)
        case KindCatalog.persistentVolumes:
            var facts = VolumeFacts()
            facts.add(volume: object.json)
            volumes[object.name] = Volume(
                claimNamespace: object.json["spec", "claimRef", "namespace"]?.string,
                claimName: object.json["spec", "claimRef", "name"]?.string,
                reclaimPolicy: object.json["spec", "persistentVolumeReclaimPolicy"]?.string, labels: object.labels,
                facts: facts)
        default: break
        }
    }

    /// What the stage of volumes and hooks asks of a pod: who it is, and its containers' names. The rest are most of its
    /// bytes.
    private static func kept(_ pod: APIObject) -> APIObject {
        var metadata = pod.metadata
        metadata["managedFields"] = nil
        let containers = (pod.json["spec", "containers"]?.array ?? []).map { ["name": $0["name"] ?? ""] as JSONValue }
        var kept: JSONValue = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata]
        kept["spec", "containers"] = .array(containers)
        kept["spec", "nodeName"] = pod.json["spec", "nodeName"]
        kept["status", "phase"] = pod.json["status", "phase"]
        return APIObject(kept)
    }

    func facts(of volume: PodVolumes.Volume, namespace: String?) -> VolumeFacts {
        var facts = VolumeFacts()
        facts.type = volume.type
        facts.source = volume.source
        guard let claimName = volume.claim else { return facts }
        let reference = ObjectReference(
            resource: KindCatalog.persistentVolumeClaims, namespace: namespace, name: claimName)
        guard let claim = claims[reference] else {
            facts.hasClaim = true
            return facts
        }
        facts = claim.facts
        if let bound = claim.volume.flatMap({ volumes[$0] }) { facts = facts.merged(with: bound.facts) }
        return facts
    }

    func facts(of volume: Volume) -> VolumeFacts {
        guard let namespace = volume.claimNamespace, let name = volume.claimName else { return volume.facts }
        let reference = ObjectReference(
            resource: KindCatalog.persistentVolumeClaims, namespace: namespace, name: name)
        return claims[reference].map { $0.facts.merged(with: volume.facts) } ?? volume.facts
    }
}

extension VolumeFacts {
    /// The claim's facts with those of its volume.
    func merged(with volume: VolumeFacts) -> VolumeFacts {
        var facts = self
        facts.capacity = volume.capacity
        facts.storageClass = volume.storageClass ?? storageClass
        facts.type = volume.type
        facts.source = volume.source
        return facts
    }
}
