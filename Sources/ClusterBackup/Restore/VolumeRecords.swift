package import KubernetesModel

/// How the backup took one volume, from `NAME-volumeinfo.json.gz`. Reference: section 1.4.5.
package struct VolumeRecord: Sendable, Hashable {
    package var claimNamespace = ""
    package var claimName = ""
    package var volumeName = ""
    /// `NativeSnapshot`, `PodVolumeBackup`, `CSISnapshot`; nil when the volume was skipped.
    package var method: String?
    package var isSkipped = false
    /// Of a pod volume.
    package var podNamespace = ""
    package var podName = ""
    package var podVolumeName = ""
    package var snapshotID = ""

    package init() {}

    init(_ json: JSONValue) {
        claimNamespace = json["pvcNamespace"]?.string ?? ""
        claimName = json["pvcName"]?.string ?? ""
        volumeName = json["pvName"]?.string ?? ""
        method = json["backupMethod"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        isSkipped = json["skipped"]?.bool ?? false
        podNamespace = json["pvbInfo", "podNamespace"]?.string ?? ""
        podName = json["pvbInfo", "podName"]?.string ?? ""
        podVolumeName = json["pvbInfo", "volumeName"]?.string ?? ""
        snapshotID = json["pvbInfo", "snapshotHandle"]?.string ?? ""
    }
}

/// One volume of a pod that was saved from the file system, from `NAME-podvolumebackups.json.gz`.
package struct PodVolumeRecord: Sendable, Hashable {
    package var pod: NamespacedName
    package var volume: String
    /// Empty if nothing was saved.
    package var snapshotID: String
    /// Of the claim behind the volume, where the backup says so.
    package var claimName: String?
    package var phase: String

    init?(_ json: JSONValue) {
        guard let namespace = json["spec", "pod", "namespace"]?.string, let name = json["spec", "pod", "name"]?.string,
            let volume = json["spec", "volume"]?.string
        else { return nil }
        pod = NamespacedName(namespace: namespace, name: name)
        self.volume = volume
        snapshotID = json["status", "snapshotID"]?.string ?? ""
        phase = json["status", "phase"]?.string ?? ""
        claimName = json["metadata", "annotations", "velero.io/pvc-name"]?.string
    }
}

/// Everything that a backup says of its volumes. Memory grows with the number of volumes.
package struct VolumeRecords: Sendable {
    /// Nil if the backup has no volume information (Velero before 1.14): the other lists then decide.
    package private(set) var byVolumeName: [String: VolumeRecord]?
    package private(set) var podVolumes: [NamespacedName: [PodVolumeRecord]] = [:]
    /// Names of PersistentVolumes of which a disk snapshot was taken.
    package private(set) var nativeSnapshots: Set<String> = []
    /// Claims (original namespace) that have a VolumeSnapshot in the archive or among the side files.
    package var claimsWithSnapshots: Set<NamespacedName> = []

    package init() {}

    /// - Parameters: the decoded side files; null where the backup has none.
    package init(volumeInfo: JSONValue, podVolumeBackups: JSONValue, nativeSnapshots: JSONValue, snapshots: JSONValue) {
        let records = (volumeInfo.array ?? []).map(VolumeRecord.init)
        if volumeInfo.array != nil {
            byVolumeName = Dictionary(
                records.filter { !$0.volumeName.isEmpty }.map { ($0.volumeName, $0) }, uniquingKeysWith: { $1 })
        }
        for record in (podVolumeBackups.array ?? []).compactMap(PodVolumeRecord.init) {
            podVolumes[record.pod, default: []].append(record)
        }
        if podVolumes.isEmpty { addPodVolumes(from: records) }
        self.nativeSnapshots = Set(
            (nativeSnapshots.array ?? []).compactMap { $0["spec", "persistentVolumeName"]?.string })
        for snapshot in snapshots.array ?? [] { add(snapshot: snapshot) }
    }

    /// A VolumeSnapshot, from wherever.
    package mutating func add(snapshot: JSONValue) {
        guard let namespace = snapshot["metadata", "namespace"]?.string,
            let claim = snapshot["spec", "source", "persistentVolumeClaimName"]?.string
        else { return }
        claimsWithSnapshots.insert(NamespacedName(namespace: namespace, name: claim))
    }

    private mutating func addPodVolumes(from records: [VolumeRecord]) {
        for record in records where record.method == "PodVolumeBackup" && !record.podName.isEmpty {
            let json: JSONValue = [
                "metadata": ["annotations": ["velero.io/pvc-name": .string(record.claimName)]],
                "spec": [
                    "pod": ["namespace": .string(record.podNamespace), "name": .string(record.podName)],
                    "volume": .string(record.podVolumeName),
                ],
                "status": ["snapshotID": .string(record.snapshotID)],
            ]
            if let record = PodVolumeRecord(json) { podVolumes[record.pod, default: []].append(record) }
        }
    }

    /// Whether a pod volume backup holds the data of this claim.
    func hasPodVolume(ofClaim claim: NamespacedName) -> Bool {
        podVolumes.contains { pod, records in
            pod.namespace == claim.namespace && records.contains { $0.claimName == claim.name }
        }
    }
}
