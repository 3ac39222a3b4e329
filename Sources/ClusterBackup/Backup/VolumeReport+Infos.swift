internal import KubernetesModel
internal import VeleroAPI

extension VolumeReport {
    /// One entry for each PersistentVolume in the backup that was not saved, with the reason, then one for each volume that
    /// was, or should have been.
    func infos(
        _ choice: VolumeChoice, saved: [PodVolumeBackup], policy: ResourcePolicy?
    ) -> [BackupVolumeInfo] {
        let savedInfos = saved.map { info(of: $0) }
        let done = Set(savedInfos.compactMap(\.pvName))
        let skipped = volumes.filter { !done.contains($0.key) }.sorted { $0.key < $1.key }.map { name, volume in
            var info = BackupVolumeInfo()
            add(name, volume, to: &info)
            info.isSkipped = true
            switch volume.claim.flatMap({ choice.claims[$0] }) {
            case _ where policy?.action(for: facts(of: volume)) == .skip:
                info.skippedReason = "skipped by the resource policies"
            case .refused(let reason)?: info.skippedReason = "asked for but not saved: \(reason)"
            case .chosen?: info.skippedReason = "asked for but not saved: the run has no means to save volumes"
            case nil: info.skippedReason = "nothing asked for this volume to be saved"
            }
            return info
        }
        return skipped + savedInfos
    }

    private func add(_ name: String, _ volume: Volume, to info: inout BackupVolumeInfo) {
        info.pvName = name
        info.pvcName = volume.claimName
        info.pvcNamespace = volume.claimNamespace
        info.reclaimPolicy = volume.reclaimPolicy
        info.pvLabels = volume.labels
    }

    private func info(of backup: PodVolumeBackup) -> BackupVolumeInfo {
        var info = BackupVolumeInfo()
        info.method = .podVolumeBackup
        if let claim = backup.annotations[VeleroName.pvcName] {
            info.pvcName = claim
            info.pvcNamespace = backup.spec.podNamespace
            let name = NamespacedName(namespace: backup.spec.podNamespace, name: claim)
            if let volume = claims[reference(to: name)]?.volume {
                info.pvName = volume
                if let known = volumes[volume] { add(volume, known, to: &info) }
            }
        }
        info.startTimestamp = backup.status.startTimestamp
        info.completionTimestamp = backup.status.completionTimestamp
        info.result = backup.phase == .completed ? "succeeded" : "failed"
        var details = PodVolumeInfo()
        details.snapshotHandle = backup.status.snapshotID
        details.size = backup.status.totalBytes
        details.incrementalSize = backup.status.incrementalBytes
        details.uploaderType = backup.spec.uploaderType
        details.volumeName = backup.spec.volume
        details.podName = backup.spec.podName
        details.podNamespace = backup.spec.podNamespace
        details.nodeName = backup.spec.node
        details.phase = backup.status.phase
        info.podVolumeBackup = details
        return info
    }
}
