package import KubernetesModel
package import VeleroAPI

/// Everything that a backup says of its volumes. Memory grows with the number of volumes.
package struct VolumeRecords: Sendable {
    /// The volume of a pod whose data was saved from the file system.
    package struct PodVolume: Sendable, Hashable {
        package let volume: String
        /// Of the claim behind it, where the backup says so.
        package let claimName: String?
        /// Where its data is.
        package let data: SavedData
    }

    /// A snapshot in a repository.
    package struct SavedData: Sendable, Hashable {
        package var snapshotID: String
        /// `restic`, `kopia`; empty for restic of Velero before 1.10.
        package var uploaderType = ""
        package var repoIdentifier = ""

        /// Whether it lies in a repository of restic's format.
        package var isRestic: Bool { uploaderType.isEmpty || uploaderType == "restic" }
    }

    /// A volume of a pod that is restored, and its data.
    package struct RestorableVolume: Sendable, Hashable {
        package let name: String
        package let data: SavedData
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
        for backup in podVolumeBackups {
            guard let snapshot = backup.status.snapshotID, !snapshot.isEmpty else { continue }
            let data = SavedData(
                snapshotID: snapshot, uploaderType: backup.spec.uploaderType,
                repoIdentifier: backup.spec.repoIdentifier)
            add(
                backup.spec.podNamespace, backup.spec.podName, backup.spec.volume,
                claim: backup.annotations[VeleroName.pvcName], data)
        }
        guard podVolumeBackups.isEmpty else { return }
        for info in infos ?? [] {
            guard let saved = info.podVolumeBackup, let snapshot = saved.snapshotHandle, !snapshot.isEmpty else {
                continue
            }
            let data = SavedData(snapshotID: snapshot, uploaderType: saved.uploaderType ?? "")
            add(saved.podNamespace ?? "", saved.podName ?? "", saved.volumeName ?? "", claim: info.pvcName, data)
        }
    }

    /// The saved volumes of a pod that it still has and that can be filled, by name.
    package func restorable(of pod: APIObject) -> [RestorableVolume] {
        var saved: [String: SavedData] = [:]
        // Velero 1.1 and older noted the snapshot on the pod itself.
        for (key, value) in pod.annotations where key.hasPrefix(VeleroName.legacySnapshotPrefix) && !value.isEmpty {
            saved[String(key.dropFirst(VeleroName.legacySnapshotPrefix.count))] = SavedData(snapshotID: value)
        }
        let name = NamespacedName(namespace: pod.namespace ?? "", name: pod.name)
        for volume in podVolumes[name] ?? [] { saved[volume.volume] = volume.data }
        var volumes: [RestorableVolume] = []
        for json in pod.json["spec", "volumes"]?.array ?? [] {
            guard json["projected"] == nil, json["downwardAPI"] == nil, let name = json["name"]?.string,
                let data = saved[name]
            else { continue }
            volumes.append(RestorableVolume(name: name, data: data))
        }
        return volumes.sorted { $0.name < $1.name }
    }

    private mutating func add(
        _ namespace: String, _ pod: String, _ volume: String, claim: String?, _ data: SavedData
    ) {
        guard !namespace.isEmpty, !pod.isEmpty, !volume.isEmpty else { return }
        podVolumes[NamespacedName(namespace: namespace, name: pod), default: []].append(
            PodVolume(volume: volume, claimName: claim, data: data))
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
