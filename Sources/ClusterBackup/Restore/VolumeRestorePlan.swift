import KubernetesModel
import VeleroAPI

/// Makes the PodVolumeRestore objects of restored pods. Pure. Reference: section 8.4.
struct VolumeRestorePlan: Sendable {
    private let restoreName: RestoreName
    private let restoreUID: String
    private let location: String
    private let namespace: String

    /// Nil if the restore fills no volumes.
    init?(_ settings: RestoreSettings) {
        guard let waiter = settings.actions.waiter else { return nil }
        restoreName = settings.name
        restoreUID = waiter.restoreUID
        location = settings.location
        namespace = settings.veleroNamespace
    }

    /// For a pod that was just created.
    func restores(_ item: PreparedItem, into created: RawObject) -> [PodVolumeRestore] {
        let volumes = item.duties.volumes.filter(\.data.isRestic)
        // The answer to our own create was read once already; one that cannot be decoded has no uid to wait for.
        guard !volumes.isEmpty, let uid = (try? created.decoded())?.uid else { return [] }
        return volumes.map { restore($0, item, podUID: uid) }
    }

    /// For a pod that was there: one of a run of this restore that was broken off still waits; any other is left alone.
    func restores(_ item: PreparedItem, waitingIn found: RawObject) -> [PodVolumeRestore] {
        guard !item.duties.volumes.isEmpty, let pod = try? found.decoded(), let uid = pod.uid,
            found.labels[VeleroName.restoreName] == LabelValue.shortened(restoreName.text),
            isWaiting(pod)
        else { return [] }
        return item.duties.volumes.filter(\.data.isRestic).map { restore($0, item, podUID: uid) }
    }

    private func isWaiting(_ pod: APIObject) -> Bool {
        let container = (pod.json["spec", "initContainers"]?.array ?? []).first {
            $0["name"]?.string == RestoreWaiter.name
        }
        guard container?["args"]?.array?.last?.string == restoreUID else { return false }
        let status = (pod.json["status", "initContainerStatuses"]?.array ?? []).first {
            $0["name"]?.string == RestoreWaiter.name
        }
        return status?["state", "terminated", "exitCode"]?.int64 != 0
    }

    private func restore(
        _ volume: VolumeRecords.RestorableVolume, _ item: PreparedItem, podUID: String
    ) -> PodVolumeRestore {
        let suffix = ObjectSuffix.letters("\(restoreUID)/\(podUID)/\(volume.name)")
        var restore = PodVolumeRestore(name: "\(restoreName)-\(suffix)", namespace: namespace)
        restore.object.json["metadata", "generateName"] = .string("\(restoreName)-")
        restore.labels = [
            VeleroName.restoreName: LabelValue.shortened(restoreName.text), VeleroName.restoreUID: restoreUID,
            VeleroName.podUID: podUID,
        ]
        restore.spec.podKind = "Pod"
        restore.spec.podNamespace = item.target.namespace ?? ""
        restore.spec.podName = item.target.name
        restore.spec.podUID = podUID
        restore.spec.volume = volume.name
        restore.spec.backupStorageLocation = location
        restore.spec.repoIdentifier = volume.data.repoIdentifier
        restore.spec.uploaderType = volume.data.uploaderType.isEmpty ? "restic" : volume.data.uploaderType
        restore.spec.snapshotID = volume.data.snapshotID
        restore.spec.sourceNamespace = item.source.namespace ?? ""
        return restore
    }
}

/// The identity of a restore that this process runs: the same for every run of one name, so that pods which wait since a run
/// that was broken off are told the right thing by the next.
enum RestoreIdentity {
    static func uid(_ name: RestoreName, of backup: Backup) -> String {
        let text = "\(name)/\(backup.name)/\(backup.object.uid ?? "")"
        let digits = [UInt64(1), 2].map { seed in
            let number = String(ObjectSuffix.hash("\(seed)/\(text)"), radix: 16)
            return String(repeating: "0", count: 16 - number.count) + number
        }.joined()
        let all = Array(digits)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(all[$0]) }.joined(separator: "-")
    }
}

/// Ends of names that follow from what they name.
enum ObjectSuffix {
    /// Five letters as the API server draws them for `generateName`.
    static func letters(_ text: String) -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        var rest = hash(text)
        var suffix = ""
        for _ in 0..<5 {
            suffix.append(letters[Int(rest % UInt64(letters.count))])
            rest /= UInt64(letters.count)
        }
        return suffix
    }

    /// FNV-1a, 64 bits: stable, and no secret.
    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

extension PodDuties {
    /// For the plan: what comes before the pod's own containers.
    var plannedVolumes: String? {
        let names = volumes.filter(\.data.isRestic).map(\.name)
        return names.isEmpty ? nil : "its volumes are filled first: \(names.joined(separator: ", "))"
    }
}
