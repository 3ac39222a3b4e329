import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Synchronization
import VeleroControllers

/// Plays the kubelet for pods that wait for their volumes: schedules them, mounts what they have, starts the first container,
/// and lets the pod go on when the sign is in every volume.
final class PracticeKubelet: Sendable {
    private let scene: NodeScene
    /// Pods that got that far.
    private let state = Mutex<(waiting: [String: String], filled: Set<String>)>(([:], []))

    init(_ scene: NodeScene) { self.scene = scene }

    /// Pods whose own containers may start: `namespace/name`.
    var filled: Set<String> { state.withLock { $0.filled } }

    func folder(of pod: String) -> String? {
        state.withLock { $0.waiting[pod] }.map { "\(scene.folders.pods)/\($0)/volumes" }
    }

    /// One look at every pod.
    func step() throws {
        for name in scene.cluster.names("pods") {
            let parts = name.split(separator: "/").map(String.init)
            guard let json = scene.cluster.object("pods", parts[1], in: parts[0]) else { continue }
            try look(at: APIObject(json), name)
        }
    }

    private func look(at pod: APIObject, _ name: String) throws {
        let waiter = pod.json["spec", "initContainers"]?.array?.first
        guard waiter?["name"] == "restore-wait", let uid = pod.uid, let namespace = pod.namespace else { return }
        if state.withLock({ $0.waiting[name] }) == nil {
            try start(pod, uid, namespace)
            state.withLock { $0.waiting[name] = uid }
            return
        }
        let sign = waiter?["args"]?.array?.last?.string ?? ""
        // Other mounts, such as that of the account's token, are none of the container's business.
        let volumes = (waiter?["volumeMounts"]?.array ?? []).filter {
            $0["mountPath"]?.string?.hasPrefix("/restores/") == true
        }.compactMap { $0["name"]?.string }
        let isFilled = volumes.allSatisfy { volume in
            let path = "\(scene.folders.pods)/\(uid)/volumes/kubernetes.io~empty-dir/\(volume)"
            return RestoreMarker.isPresent(sign, in: path)
        }
        if isFilled { state.withLock { _ = $0.filled.insert(name) } }
    }

    private func start(_ pod: APIObject, _ uid: String, _ namespace: String) throws {
        let answer = scene.cluster.request(
            "PATCH", "/api/v1/namespaces/\(namespace)/pods/\(pod.name)", ["spec": ["nodeName": "node1"]],
            contentType: "application/merge-patch+json")
        precondition(answer.code < 300)
        try TestFiles.makeFolder("\(scene.folders.pods)/\(uid)/volumes")
        for volume in pod.json["spec", "volumes"]?.array ?? [] where volume["emptyDir"] != nil {
            try scene.mount(volume["name"]?.string ?? "", pod: uid)
        }
        scene.setStatus(
            [
                "phase": "Pending",
                "initContainerStatuses": [["name": "restore-wait", "state": ["running": [:]]]],
            ], ofPod: pod.name, in: namespace)
    }
}
