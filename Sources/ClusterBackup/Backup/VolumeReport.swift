internal import KubernetesModel
internal import VeleroAPI

/// What a backup must say of volumes: which were asked for and are not saved, and what became of each PersistentVolume.
/// Pure; fed while objects are collected, asked at the end. Memory: the few facts of each claim, volume and pod with
/// volumes.
struct VolumeReport: Sendable {
    private struct Pod: Sendable {
        let reference: ObjectReference
        let volumes: PodVolumes
    }

    private struct Volume: Sendable {
        let claimNamespace: String?
        let claimName: String?
        let reclaimPolicy: String?
        let labels: [String: String]
        let facts: VolumeFacts
    }

    private var pods: [Pod] = []
    private var claims: [ObjectReference: (facts: VolumeFacts, volume: String?)] = [:]
    private var volumes: [String: Volume] = [:]

    /// Takes note of a pod, claim or volume that is in the backup.
    mutating func add(_ object: APIObject, _ resource: GroupResource) {
        let reference = ObjectReference(resource: resource, namespace: object.namespace, name: object.name)
        switch resource {
        case KindCatalog.pods:
            let volumes = PodVolumes(object)
            if !volumes.volumes.isEmpty || !volumes.annotatedVolumes.isEmpty || volumes.hasHooks {
                pods.append(Pod(reference: reference, volumes: volumes))
            }
        case KindCatalog.persistentVolumeClaims:
            var facts = VolumeFacts()
            facts.add(claim: object.json)
            claims[reference] = (facts, object.json["spec", "volumeName"]?.string)
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

    struct Message: Sendable, Hashable {
        let level: RunLog.Level
        let about: ObjectReference
        let text: String
    }

    /// What was asked for and not done, pod by pod, in the order of their names.
    func messages(_ spec: BackupSpec, policy: ResourcePolicy?) -> [Message] {
        var messages: [Message] = []
        for pod in pods.sorted(by: { $0.reference.description < $1.reference.description }) {
            for name in asked(pod, spec, policy) {
                messages.append(
                    Message(
                        level: .error, about: pod.reference,
                        text: "volume \(name) was asked for but is not in this backup: "
                            + "this release of Martlet saves no volumes"))
            }
            if pod.volumes.hasHooks {
                messages.append(
                    Message(
                        level: .warning, about: pod.reference,
                        text: "the backup hooks of this pod were not run: this release of Martlet runs none"))
            }
        }
        for (name, volume) in volumes.sorted(by: { $0.key < $1.key }) {
            let wish = policy?.action(for: facts(of: volume))
            let isWanted =
                wish == .snapshot || wish == nil && (spec.snapshotVolumes == true || spec.snapshotMoveData == true)
            guard isWanted, !isAskedByPod(volume, spec, policy) else { continue }
            messages.append(
                Message(
                    level: .error,
                    about: ObjectReference(resource: KindCatalog.persistentVolumes, namespace: nil, name: name),
                    text: "a snapshot was asked for but not taken: Martlet takes no disk snapshots"))
        }
        return messages
    }

    private func asked(_ pod: Pod, _ spec: BackupSpec, _ policy: ResourcePolicy?) -> [String] {
        pod.volumes.asked(byDefault: spec.savesVolumesByDefault) { volume in
            guard let policy else { return nil }
            return policy.action(for: facts(of: volume, namespace: pod.reference.namespace))
        }
    }

    private func facts(of volume: PodVolumes.Volume, namespace: String?) -> VolumeFacts {
        var facts = VolumeFacts()
        facts.type = volume.type
        facts.source = volume.source
        guard let claimName = volume.claim else { return facts }
        let reference = ObjectReference(
            resource: KindCatalog.persistentVolumeClaims, namespace: namespace, name: claimName)
        guard let claim = claims[reference] else { return facts }
        facts = claim.facts
        if let bound = claim.volume.flatMap({ volumes[$0] }) { facts = facts.merged(with: bound.facts) }
        return facts
    }

    private func facts(of volume: Volume) -> VolumeFacts {
        guard let namespace = volume.claimNamespace, let name = volume.claimName else { return volume.facts }
        let reference = ObjectReference(
            resource: KindCatalog.persistentVolumeClaims, namespace: namespace, name: name)
        return claims[reference].map { $0.facts.merged(with: volume.facts) } ?? volume.facts
    }

    private func isAskedByPod(_ volume: Volume, _ spec: BackupSpec, _ policy: ResourcePolicy?) -> Bool {
        guard let claim = volume.claimName else { return false }
        return pods.contains { pod in
            pod.reference.namespace == volume.claimNamespace && pod.volumes.claims.contains(claim)
                && asked(pod, spec, policy).contains { name in
                    pod.volumes.volumes.contains { $0.name == name && $0.claim == claim }
                }
        }
    }

    /// One entry for each PersistentVolume in the backup. None is saved, so all are skipped, each with its reason.
    func infos(_ spec: BackupSpec, policy: ResourcePolicy?) -> [BackupVolumeInfo] {
        volumes.sorted { $0.key < $1.key }.map { name, volume in
            var info = BackupVolumeInfo()
            info.pvName = name
            info.pvcName = volume.claimName
            info.pvcNamespace = volume.claimNamespace
            info.isSkipped = true
            info.reclaimPolicy = volume.reclaimPolicy
            info.pvLabels = volume.labels
            if policy?.action(for: facts(of: volume)) == .skip {
                info.skippedReason = "skipped by the resource policies"
            } else if isAskedByPod(volume, spec, policy) {
                info.skippedReason = "asked for but not saved: this release of Martlet saves no volumes"
            } else {
                info.skippedReason = "nothing asked for this volume to be saved"
            }
            return info
        }
    }
}

extension VolumeFacts {
    /// The claim's facts with those of its volume.
    fileprivate func merged(with volume: VolumeFacts) -> VolumeFacts {
        var facts = self
        facts.capacity = volume.capacity
        facts.storageClass = volume.storageClass ?? storageClass
        facts.type = volume.type
        facts.source = volume.source
        return facts
    }
}
