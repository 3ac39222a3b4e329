internal import KubernetesModel
internal import VeleroAPI

/// The volumes of a pod and what is asked for them. Source: reference sections 7.1 and 8.1.
struct PodVolumes {
    struct Volume: Sendable, Hashable {
        let name: String
        /// The key of its source: `persistentVolumeClaim`, `emptyDir`, `configMap`.
        let type: String
        let claim: String?
        /// The source itself, for conditions on NFS and CSI volumes.
        let source: JSONValue
    }

    let volumes: [Volume]
    private let annotations: [String: String]
    private let mounted: Set<String>
    private let phase: String

    init(_ pod: APIObject) {
        volumes = (pod.json["spec", "volumes"]?.array ?? []).compactMap { json in
            guard let name = json["name"]?.string else { return nil }
            let type = json.object?.keys.filter { $0 != "name" }.min() ?? "emptyDir"
            // A generic ephemeral volume has a claim named after pod and volume.
            let claim =
                type == "ephemeral" ? "\(pod.name)-\(name)" : json["persistentVolumeClaim", "claimName"]?.string
            return Volume(name: name, type: type, claim: claim, source: json[type] ?? .null)
        }
        annotations = pod.annotations
        phase = pod.json["status", "phase"]?.string ?? ""
        var mounted: Set<String> = []
        for list in ["containers", "initContainers"] {
            for container in pod.json["spec", list]?.array ?? [] {
                for mount in container["volumeMounts"]?.array ?? [] {
                    if let name = mount["name"]?.string { mounted.insert(name) }
                }
            }
        }
        self.mounted = mounted
    }

    /// Names of claims, each once, in the order of the volumes.
    var claims: [String] {
        var seen: Set<String> = []
        return volumes.compactMap(\.claim).filter { seen.insert($0).inserted }
    }

    /// Names that the pod asks to be saved by annotation, whether it has such volumes or not.
    var annotatedVolumes: [String] { names(VeleroName.backupVolumes) }

    private func names(_ annotation: String) -> [String] {
        (annotations[annotation] ?? "").split(separator: ",").map { text in
            var name = text.drop { $0 == " " }
            while name.hasSuffix(" ") { name.removeLast() }
            return String(name)
        }.filter { !$0.isEmpty }
    }

    private static let neverSaved: Set<String> = ["hostPath", "secret", "configMap", "projected", "downwardAPI"]

    /// The volumes that are to be saved from the file system.
    ///
    /// - Parameters:
    ///   - byDefault: all that can be, but for those the pod opts out.
    ///   - policy: what a policy says of a volume; it overrides both ways of asking.
    func asked(byDefault: Bool, policy: (Volume) -> VolumePolicy.Action?) -> [String] {
        guard phase != "Succeeded", phase != "Failed" else { return [] }
        let annotated = annotatedVolumes
        let optedOut = Set(names(VeleroName.backupVolumesExcludes))
        var asked: [String] = []
        for volume in volumes {
            let canBeSaved =
                !PodVolumes.neverSaved.contains(volume.type) && !volume.name.hasPrefix("default-token")
                && mounted.contains(volume.name)
            switch canBeSaved ? policy(volume) : nil {
            case .fsBackup?: asked.append(volume.name)
            case .skip?, .snapshot?, .custom?: break
            case nil where annotated.contains(volume.name): asked.append(volume.name)
            case nil where byDefault && canBeSaved && !optedOut.contains(volume.name): asked.append(volume.name)
            case nil: break
            }
        }
        return asked + annotated.filter { name in !volumes.contains { $0.name == name } }
    }

    /// Whether the pod asks for commands before or after its backup.
    var hasHooks: Bool {
        annotations.keys.contains { key in
            [VeleroName.preBackupHookPrefix, VeleroName.postBackupHookPrefix, VeleroName.legacyBackupHookPrefix]
                .contains { key == $0 + "command" }
        }
    }
}
