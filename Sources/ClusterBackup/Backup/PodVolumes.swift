internal import KubernetesModel
internal import VeleroAPI

/// The volumes of a pod and what it asks for them. Source: reference sections 7.1 and 8.1.
struct PodVolumes: Sendable {
    struct Volume: Sendable, Hashable {
        let name: String
        /// The key of its source: `persistentVolumeClaim`, `emptyDir`, `configMap`.
        let type: String
        let claim: String?
        /// The source itself, for conditions on NFS and CSI volumes.
        let source: JSONValue
    }

    let volumes: [Volume]
    let uid: String
    let node: String
    /// `Running`, `Succeeded`; empty if nobody has said yet.
    let phase: String
    private let annotations: [String: String]
    private let mounted: Set<String>
    private let devices: Set<String>

    init(_ pod: APIObject) {
        volumes = (pod.json["spec", "volumes"]?.array ?? []).compactMap { PodVolumes.volume($0, of: pod) }
        annotations = pod.annotations
        uid = pod.uid ?? ""
        node = pod.json["spec", "nodeName"]?.string ?? ""
        phase = pod.json["status", "phase"]?.string ?? ""
        mounted = PodVolumes.names(of: "volumeMounts", in: pod)
        devices = PodVolumes.names(of: "volumeDevices", in: pod)
    }

    static func volume(_ json: JSONValue, of pod: APIObject) -> Volume? {
        guard let name = json["name"]?.string else { return nil }
        let type = json.object?.keys.filter { $0 != "name" }.min() ?? "emptyDir"
        // A generic ephemeral volume has a claim named after pod and volume.
        let claim = type == "ephemeral" ? "\(pod.name)-\(name)" : json["persistentVolumeClaim", "claimName"]?.string
        return Volume(name: name, type: type, claim: claim, source: json[type] ?? .null)
    }

    private static func names(of list: String, in pod: APIObject) -> Set<String> {
        var names: Set<String> = []
        for containers in ["containers", "initContainers"] {
            for container in pod.json["spec", containers]?.array ?? [] {
                for mount in container[list]?.array ?? [] {
                    if let name = mount["name"]?.string { names.insert(name) }
                }
            }
        }
        return names
    }

    /// Names of claims, each once, in the order of the volumes.
    var claims: [String] {
        var seen: Set<String> = []
        return volumes.compactMap(\.claim).filter { seen.insert($0).inserted }
    }

    func isMounted(_ volume: String) -> Bool { mounted.contains(volume) }
    func isDevice(_ volume: String) -> Bool { devices.contains(volume) }

    /// Pods that have come to their end hold no volumes any more.
    var hasEnded: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Names that the pod asks to be saved by annotation, whether it has such volumes or not.
    var annotatedVolumes: [String] { names(VeleroName.backupVolumes) }
    /// Names that it asks to be left out where all are saved.
    var excludedVolumes: [String] { names(VeleroName.backupVolumesExcludes) }

    private func names(_ annotation: String) -> [String] {
        (annotations[annotation] ?? "").split(separator: ",").map { text in
            var name = text.drop { $0 == " " }
            while name.hasSuffix(" ") { name.removeLast() }
            return String(name)
        }.filter { !$0.isEmpty }
    }

    /// Whether the pod asks for commands before or after its backup.
    var hasHooks: Bool {
        annotations.keys.contains { key in
            [VeleroName.preBackupHookPrefix, VeleroName.postBackupHookPrefix, VeleroName.legacyBackupHookPrefix]
                .contains { key == $0 + "command" }
        }
    }
}
