internal import KubernetesModel

/// Whether one volume of one pod is saved from the file system, and if not, why. Pure. Source: reference section 8.1, but for
/// hostPath PersistentVolumes: their claims are saved like any other.
enum VolumeVerdict: Sendable, Hashable {
    case save
    /// Nobody asked for it, or somebody asked to leave it out.
    case leftOut(String)
    /// It was asked for and there is nothing in it to save, or it has no such volume.
    case senseless(String)
    /// It was asked for, holds data, and cannot be saved: an error of the backup.
    case refused(String)

    /// Who asks.
    enum Wish: Sendable, Hashable { case annotation, policy, byDefault }

    /// What is known of the volume beyond the pod.
    struct Claim: Sendable, Hashable {
        var exists = false
        var isBound = false
        var isBlock = false
    }

    /// Their content is objects of the backup, or made by the node: there is nothing of the pod's own in them.
    static let withoutData: Set<String> = ["secret", "configMap", "projected", "downwardAPI", "image"]

    /// - Parameters:
    ///   - wish: nil if nobody asks.
    ///   - claim: nil for a volume without one.
    init(_ volume: PodVolumes.Volume, of pod: PodVolumes, wish: Wish?, claim: Claim?) {
        guard let wish else {
            self = .leftOut("nothing asked for it")
            return
        }
        if VolumeVerdict.withoutData.contains(volume.type) || volume.name.hasPrefix("default-token") {
            self = VolumeVerdict.senseless(volume, wish)
            return
        }
        guard let obstacle = VolumeVerdict.obstacle(volume, pod, claim) else {
            self = .save
            return
        }
        // Who asks for everything asks for what can be saved; who names a volume wants that one.
        self = wish == .byDefault && obstacle.isInNature ? .leftOut(obstacle.text) : .refused(obstacle.text)
    }

    private static func senseless(_ volume: PodVolumes.Volume, _ wish: Wish) -> VolumeVerdict {
        let text = "it is a \(volume.type) volume: what it shows are objects of the cluster, not data of the pod"
        return wish == .annotation ? .senseless(text) : .leftOut(text)
    }

    private struct Obstacle {
        let text: String
        /// Not a state that passes.
        var isInNature = false
    }

    private static func obstacle(_ volume: PodVolumes.Volume, _ pod: PodVolumes, _ claim: Claim?) -> Obstacle? {
        if volume.type == "hostPath" {
            return Obstacle(text: "it is a folder of the node itself, named by the pod; use a claim", isInNature: true)
        }
        if pod.isDevice(volume.name) || claim?.isBlock == true {
            return Obstacle(text: "it is a block device without a file system", isInNature: true)
        }
        guard pod.phase == "Running" else {
            let phase = pod.phase.isEmpty ? "Pending" : pod.phase
            return Obstacle(text: "the pod is \(phase), so its volumes are not mounted")
        }
        guard pod.isMounted(volume.name) else {
            return Obstacle(text: "no container of the pod mounts it, so it is on no node", isInNature: true)
        }
        if let claim {
            guard claim.exists else { return Obstacle(text: "its claim \(volume.claim ?? "") does not exist") }
            guard claim.isBound else { return Obstacle(text: "its claim \(volume.claim ?? "") is not bound") }
        }
        return nil
    }
}
