package import KubernetesModel
package import VeleroAPI

/// Everything that a backup says of its volumes. Memory grows with the number of volumes.
package struct VolumeRecords: Sendable {
    /// The volume of a pod whose data was saved from the file system.
    package struct PodVolume: Sendable, Hashable {
        package let volume: String
        /// Of the claim behind it, where the backup says so.
        package let claimName: String?
    }

    /// How each PersistentVolume was saved; nil for the file as a whole if the backup has none (Velero before 1.14), and
    /// the other records then decide.
    package private(set) var methods: [String: BackupVolumeInfo.Method?]?
    package private(set) var podVolumes: [NamespacedName: [PodVolume]] = [:]
    /// Names of PersistentVolumes of which a disk snapshot was taken.
    package var nativeSnapshots: Set<String> = []
    /// Claims (original namespace) that have a VolumeSnapshot in the archive or among the side files.
    package var claimsWithSnapshots: Set<NamespacedName> = []

    package init() {}

    /// - Parameter infos: nil if the backup has no volume information at all.
    package init(infos: [BackupVolumeInfo]?, podVolumeBackups: [PodVolumeBackup]) {
        if let infos {
            methods = Dictionary(
                infos.compactMap { info in info.pvName.flatMap { $0.isEmpty ? nil : ($0, info.method) } },
                uniquingKeysWith: { $1 })
        }
        for backup in podVolumeBackups where backup.status.snapshotID?.isEmpty == false {
            add(
                backup.spec.podNamespace, backup.spec.podName, backup.spec.volume,
                claim: backup.annotations[VeleroName.pvcName])
        }
        guard podVolumeBackups.isEmpty else { return }
        for info in infos ?? [] {
            guard let saved = info.podVolumeBackup, saved.snapshotHandle?.isEmpty == false else { continue }
            add(saved.podNamespace ?? "", saved.podName ?? "", saved.volumeName ?? "", claim: info.pvcName)
        }
    }

    private mutating func add(_ namespace: String, _ pod: String, _ volume: String, claim: String?) {
        guard !namespace.isEmpty, !pod.isEmpty, !volume.isEmpty else { return }
        podVolumes[NamespacedName(namespace: namespace, name: pod), default: []].append(
            PodVolume(volume: volume, claimName: claim))
    }

    /// Notes a VolumeSnapshot, from the archive or a side file.
    package mutating func add(snapshot: JSONValue) {
        guard let namespace = snapshot["metadata", "namespace"]?.string,
            let claim = snapshot["spec", "source", "persistentVolumeClaimName"]?.string
        else { return }
        claimsWithSnapshots.insert(NamespacedName(namespace: namespace, name: claim))
    }

    /// How a volume was saved; nil if it was not.
    package func method(of volume: APIObject) -> BackupVolumeInfo.Method? {
        if let methods { return methods[volume.name] ?? nil }
        if nativeSnapshots.contains(volume.name) { return .nativeSnapshot }
        guard let namespace = volume.json["spec", "claimRef", "namespace"]?.string,
            let name = volume.json["spec", "claimRef", "name"]?.string
        else { return nil }
        if hasPodVolume(ofClaim: name, in: namespace) { return .podVolumeBackup }
        return claimsWithSnapshots.contains(NamespacedName(namespace: namespace, name: name)) ? .csiSnapshot : nil
    }

    private func hasPodVolume(ofClaim claim: String, in namespace: String) -> Bool {
        podVolumes.contains { pod, volumes in
            pod.namespace == namespace && volumes.contains { $0.claimName == claim }
        }
    }
}
