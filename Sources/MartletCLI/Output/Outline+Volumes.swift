import Basics
import VeleroAPI

extension Outline {
    /// What became of each volume, by how it was saved.
    mutating func add(volumes: [BackupVolumeInfo], podVolumes: [PodVolumeBackup], details: Bool) {
        blank()
        guard !volumes.isEmpty || !podVolumes.isEmpty else { return add("Backup Volumes", "<none>") }
        heading("Backup Volumes")
        for volume in volumes { add(volume) }
        // Backups made before Velero 1.13 have no list of volumes, only this one.
        let known = Set(volumes.compactMap(\.podVolumeBackup).map { [$0.podNamespace, $0.podName, $0.volumeName] })
        for volume in podVolumes
        where !known.contains([volume.spec.podNamespace, volume.spec.podName, volume.spec.volume]) {
            add(volume, details: details)
        }
    }

    private mutating func add(_ volume: BackupVolumeInfo) {
        let claim = [volume.pvcNamespace, volume.pvcName].compactMap { $0 }.joined(separator: "/")
        let pod = volume.podVolumeBackup.map { "\($0.podNamespace ?? "")/\($0.podName ?? ""): \($0.volumeName ?? "")" }
        let name = !claim.isEmpty ? claim : pod ?? volume.pvName ?? "<unnamed>"
        if volume.isSkipped == true {
            add(name, "not saved: \(volume.skippedReason ?? "no reason given")", level: 1)
            return
        }
        var text = volume.method?.rawValue ?? "not saved"
        if let size = volume.podVolumeBackup?.size { text += ", \(ByteCount(size))" }
        if let result = volume.result { text += ", \(result)" }
        add(name, text, level: 1)
    }

    private mutating func add(_ volume: PodVolumeBackup, details: Bool) {
        var text = "PodVolumeBackup"
        if !volume.spec.uploaderType.isEmpty { text += " (\(volume.spec.uploaderType))" }
        if let total = volume.status.totalBytes { text += ", \(ByteCount(total))" }
        text += ", \(volume.status.phase ?? "New")"
        if let message = volume.status.message, !message.isEmpty { text += ": \(message)" }
        if details, let snapshot = volume.status.snapshotID { text += ", snapshot \(snapshot)" }
        add("\(volume.spec.podNamespace)/\(volume.spec.podName): \(volume.spec.volume)", text, level: 1)
    }
}
