internal import KubernetesModel
internal import VeleroAPI

extension VolumeReport {
    /// What is to be done with the volumes of all pods, by the wishes of the pods, the policies and the backup.
    func choose(_ spec: BackupSpec, policy: ResourcePolicy?) -> VolumeChoice {
        var choice = VolumeChoice()
        for pod in pods.sorted(by: { $0.reference.description < $1.reference.description }) {
            let chosen = choose(pod, spec, policy, &choice)
            choice.pods.append(
                VolumeChoice.PodDuty(
                    namespace: pod.reference.namespace ?? "", name: pod.reference.name, uid: pod.volumes.uid,
                    node: pod.volumes.node, pod: pod.object, volumes: chosen))
        }
        addUnmounted(spec, policy, &choice)
        addSnapshots(spec, policy, &choice)
        return choice
    }

    private func choose(
        _ pod: Pod, _ spec: BackupSpec, _ policy: ResourcePolicy?, _ choice: inout VolumeChoice
    ) -> [VolumeChoice.ChosenVolume] {
        guard !pod.volumes.hasEnded else { return [] }
        var chosen: [VolumeChoice.ChosenVolume] = []
        for volume in pod.volumes.volumes {
            let claim = volume.claim.map { NamespacedName(namespace: pod.reference.namespace ?? "", name: $0) }
            // A claim that several pods share is saved through the first of them.
            if let claim, choice.claims[claim] == .chosen { continue }
            let verdict = VolumeVerdict(
                volume, of: pod.volumes, wish: wish(for: volume, of: pod, spec, policy), claim: claim.map(state(of:)))
            if let claim { note(verdict, of: claim, &choice) }
            switch verdict {
            case .save:
                let known = claim.flatMap { claims[reference(to: $0)] }
                chosen.append(
                    VolumeChoice.ChosenVolume(
                        name: volume.name, claim: volume.claim, claimUID: known?.uid,
                        persistentVolume: known?.volume))
            case .leftOut: break
            case .senseless(let reason): choice.say(.warning, pod.reference, volume.name, reason)
            case .refused(let reason): choice.say(.error, pod.reference, volume.name, reason)
            }
        }
        let names = Set(pod.volumes.volumes.map(\.name))
        for name in pod.volumes.annotatedVolumes where !names.contains(name) {
            choice.say(.warning, pod.reference, name, "the pod has no volume of that name: correct its annotation")
        }
        return chosen
    }

    private func note(_ verdict: VolumeVerdict, of claim: NamespacedName, _ choice: inout VolumeChoice) {
        switch verdict {
        case .save: choice.claims[claim] = .chosen
        case .refused(let reason): choice.claims[claim] = choice.claims[claim] ?? .refused(reason)
        case .leftOut, .senseless: break
        }
    }

    /// Precedence: policy, then annotations, then the backup's default. Source: reference section 5.
    private func wish(
        for volume: PodVolumes.Volume, of pod: Pod, _ spec: BackupSpec, _ policy: ResourcePolicy?
    ) -> VolumeVerdict.Wish? {
        switch policy?.action(for: facts(of: volume, namespace: pod.reference.namespace)) {
        case .fsBackup?: return .policy
        case .skip?, .snapshot?, .custom?: return nil
        case nil: break
        }
        if pod.volumes.annotatedVolumes.contains(volume.name) { return .annotation }
        return spec.savesVolumesByDefault && !pod.volumes.excludedVolumes.contains(volume.name) ? .byDefault : nil
    }

    func reference(to claim: NamespacedName) -> ObjectReference {
        ObjectReference(
            resource: KindCatalog.persistentVolumeClaims, namespace: claim.namespace, name: claim.name)
    }

    private func state(of claim: NamespacedName) -> VolumeVerdict.Claim {
        guard let known = claims[reference(to: claim)] else { return VolumeVerdict.Claim() }
        return VolumeVerdict.Claim(exists: true, isBound: known.isBound, isBlock: known.isBlock)
    }

    /// Bound claims whose data somebody asked for, and that no pod which runs has mounted.
    private func addUnmounted(_ spec: BackupSpec, _ policy: ResourcePolicy?, _ choice: inout VolumeChoice) {
        let mounted = Set(
            pods.filter { !$0.volumes.hasEnded }.flatMap { pod in
                pod.volumes.claims.map { NamespacedName(namespace: pod.reference.namespace ?? "", name: $0) }
            })
        for (reference, claim) in claims.sorted(by: { $0.key.description < $1.key.description }) where claim.isBound {
            let name = NamespacedName(namespace: reference.namespace ?? "", name: reference.name)
            guard !mounted.contains(name) else { continue }
            var facts = claim.facts
            if let volume = claim.volume.flatMap({ volumes[$0] }) { facts = facts.merged(with: volume.facts) }
            let action = policy?.action(for: facts)
            guard action == .fsBackup || action == nil && spec.savesVolumesByDefault else { continue }
            let reason = "no pod that runs has it mounted, so it is on no node to be read"
            choice.claims[name] = .refused(reason)
            choice.messages.append(
                VolumeChoice.Message(
                    level: action == .fsBackup ? .error : .warning, about: reference,
                    text: "its data is not in this backup: \(reason)"))
        }
    }

    private func addSnapshots(_ spec: BackupSpec, _ policy: ResourcePolicy?, _ choice: inout VolumeChoice) {
        for (name, volume) in volumes.sorted(by: { $0.key < $1.key }) {
            let wish = policy?.action(for: facts(of: volume))
            let isWanted =
                wish == .snapshot || wish == nil && (spec.snapshotVolumes == true || spec.snapshotMoveData == true)
            guard isWanted, volume.claim.flatMap({ choice.claims[$0] }) == nil else { continue }
            choice.messages.append(
                VolumeChoice.Message(
                    level: .error,
                    about: ObjectReference(resource: KindCatalog.persistentVolumes, namespace: nil, name: name),
                    text: "a snapshot was asked for but not taken: Martlet takes no disk snapshots"))
        }
    }
}

extension VolumeChoice {
    fileprivate mutating func say(
        _ level: MessageLevel, _ pod: ObjectReference, _ volume: String, _ reason: String
    ) {
        messages.append(
            VolumeChoice.Message(
                level: level, about: pod,
                text: "volume \(volume) was asked for but is not in this backup: \(reason)"))
    }
}
