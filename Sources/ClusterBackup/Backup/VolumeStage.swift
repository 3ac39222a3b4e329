internal import Basics
internal import KubernetesModel
internal import Synchronization
internal import VeleroAPI

/// The part of a backup in which volumes are saved, pod by pod, each within its bracket.
///
/// Pods are worked on `concurrency` at a time; how many of its volumes at a time is the saver's business.
struct VolumeStage: Sendable {
    let saver: (any PodVolumeSaver)?
    let bracket: any PodBracket
    let log: RunLog
    /// One pod after the other by default: what is frozen together is thawed together, and a small machine has one disk.
    var concurrency = 1

    /// - Returns: what was saved or failed, in the order of the pods.
    /// - Throws: `CancellationError`; brackets that were begun have ended by then.
    func run(_ choice: VolumeChoice, of backup: Backup) async throws -> [PodVolumeBackup] {
        let results = try await mapConcurrently(choice.pods, limit: concurrency) { pod in
            try Task.checkCancellation()
            return await save(pod, backup)
        }
        try Task.checkCancellation()
        if let saver, results.contains(where: { !$0.isEmpty }) {
            for warning in await saver.warnings() { log.report(.warning, warning) }
        }
        return results.flatMap { $0 }
    }

    private func save(_ pod: VolumeChoice.PodDuty, _ backup: Backup) async -> [PodVolumeBackup] {
        let reference = ObjectReference(resource: KindCatalog.pods, namespace: pod.namespace, name: pod.name)
        let wanted = pod.volumes.map { PodVolumeBackup.new($0, of: pod, for: backup) }
        let saved = Mutex<[PodVolumeBackup]>([])
        let saver = saver
        let outcome = await bracket.around(pod) {
            guard let saver, !wanted.isEmpty else { return }
            let done = await saver.save(wanted)
            saved.withLock { $0 = done }
        }
        for message in outcome.messages {
            log.report(RunLog.Level(message.level), message.text, about: reference)
        }
        let results = saved.withLock { $0 }
        for volume in pod.volumes where !outcome.hasWorked || saver == nil {
            log.report(
                .error,
                "volume \(volume.name) was asked for but is not in this backup: "
                    + (outcome.hasWorked ? "this run has no means to save volumes" : "a hook before it failed"),
                about: reference)
        }
        for result in results { report(result, about: reference) }
        return results
    }

    private func report(_ result: PodVolumeBackup, about pod: ObjectReference) {
        let message = result.status.message ?? ""
        guard result.phase != .completed else {
            log.info(
                "Saved volume \(result.spec.volume): \(ByteCount(result.status.totalBytes ?? 0))"
                    + (message.isEmpty ? "" : ", \(message)"),
                [("namespace", result.spec.podNamespace), ("name", result.spec.podName)])
            return
        }
        let isThere = result.status.snapshotID?.isEmpty == false
        log.report(
            .error,
            "volume \(result.spec.volume) \(isThere ? "is not whole in" : "was asked for but is not in") this backup: "
                + (message.isEmpty ? "its backup ended as \(result.phase.rawValue)" : message),
            about: pod)
    }
}

extension RunLog.Level {
    init(_ level: MessageLevel) { self = level == .error ? .error : .warning }
}

extension PodVolumeBackup {
    /// The object as Velero makes it. Source: reference section 8.3.
    static func new(
        _ volume: VolumeChoice.ChosenVolume, of pod: VolumeChoice.PodDuty, for backup: Backup
    ) -> PodVolumeBackup {
        let backupUID = backup.object.uid ?? ""
        var new = PodVolumeBackup(
            name: "\(backup.name)-\(ObjectSuffix.letters("\(backupUID)/\(pod.uid)/\(volume.name)"))",
            namespace: backup.namespace)
        new.object.json["metadata", "generateName"] = .string("\(backup.name)-")
        new.object.json["metadata", "ownerReferences"] = [
            [
                "apiVersion": .string(Backup.apiVersion), "kind": .string(Backup.kind), "name": .string(backup.name),
                "uid": .string(backupUID), "controller": true,
            ]
        ]
        new.labels = [
            VeleroName.backupName: LabelValue.shortened(backup.name), VeleroName.backupUID: backupUID,
        ]
        new.spec.node = pod.node
        new.spec.podKind = "Pod"
        new.spec.podNamespace = pod.namespace
        new.spec.podName = pod.name
        new.spec.podUID = pod.uid
        new.spec.volume = volume.name
        new.spec.backupStorageLocation = backup.spec.storageLocation
        new.spec.uploaderType = "restic"
        new.spec.tags = [
            "backup": backup.name, "backup-uid": backupUID, "pod": pod.name, "pod-uid": pod.uid, "ns": pod.namespace,
            "volume": volume.name,
        ]
        if let claim = volume.claim {
            new.annotations = [VeleroName.pvcName: claim]
            if let uid = volume.claimUID {
                new.labels[VeleroName.pvcUID] = uid
                new.spec.tags["pvc-uid"] = uid
            }
        }
        return new
    }
}
