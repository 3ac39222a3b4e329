package import KubernetesClient
package import KubernetesModel

/// Finds the folder of a pod's volume: asks the API server what the volume is, and the node where it lies.
package struct PlaceFinder: Sendable {
    private let client: APIClient
    private let folders: NodeFolders

    package init(client: APIClient, folders: NodeFolders) {
        self.client = client
        self.folders = folders
    }

    static let pods = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "pods", kind: "Pod", isNamespaced: true)
    static let claims = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim",
        isNamespaced: true)
    static let volumes = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "persistentvolumes", kind: "PersistentVolume",
        isNamespaced: false)

    /// The pod, if it is still the one with this uid.
    ///
    /// - Throws: `.notFound`, `.unavailable`, `.cancelled`.
    package func pod(_ name: String, in namespace: String, uid: String) async throws(ControllerError) -> APIObject {
        guard let pod = try await find(PlaceFinder.pods, name, in: namespace) else {
            throw ControllerError(.notFound, "pod \(namespace)/\(name) does not exist any more")
        }
        guard pod.uid == uid else {
            throw ControllerError(
                .notFound,
                "pod \(namespace)/\(name) was replaced by another of the same name; its volumes are not this one's")
        }
        return pod
    }

    /// The folder with the volume's data.
    ///
    /// - Throws: `.notHere` if the pod is on another node, `.notMounted`, `.notFound`, `.invalid`, `.unavailable`.
    package func folder(of volume: String, in pod: APIObject) async throws(ControllerError) -> String {
        let uid = pod.uid ?? ""
        guard folders.hasPod(uid) else {
            let node = pod.json["spec", "nodeName"]?.string ?? ""
            throw ControllerError(
                .notHere,
                "pod \(pod.namespace ?? "")/\(pod.name) is on node \(node.isEmpty ? "(none yet)" : node), not on this machine"
            )
        }
        var persistentVolume: APIObject?
        if let claim = try VolumePlace.claim(of: volume, in: pod) {
            persistentVolume = try await boundVolume(of: claim, in: pod.namespace ?? "")
        }
        let place = try VolumePlace(of: volume, in: pod, persistentVolume: persistentVolume)
        return try folders.folder(of: place, pod: uid)
    }

    /// The pod that uses a saved volume now: one that has the claim mounted, or for a volume without a claim, the pod of the
    /// same name. And the volume's name in that pod.
    ///
    /// - Throws: `.notFound` if there is none that runs.
    package func user(
        of claim: String?, volume: String, pod name: String, in namespace: String
    ) async throws(ControllerError) -> (pod: APIObject, volume: String) {
        guard let claim else {
            guard let pod = try await find(PlaceFinder.pods, name, in: namespace), PlaceFinder.runs(pod) else {
                throw ControllerError(.notFound, "there is no pod \(namespace)/\(name) that runs")
            }
            return (pod, volume)
        }
        let pods: [APIObject]
        do {
            pods = try await client.list(PlaceFinder.pods, in: namespace).all().map { try $0.decoded() }
        } catch {
            throw ControllerError(reading: "the pods of \(namespace)", error)
        }
        for pod in pods where PlaceFinder.runs(pod) {
            for entry in pod.json["spec", "volumes"]?.array ?? [] {
                guard let name = entry["name"]?.string, try VolumePlace.claim(of: name, in: pod) == claim else {
                    continue
                }
                return (pod, name)
            }
        }
        throw ControllerError(.notFound, "no pod that runs has the claim \(namespace)/\(claim) mounted")
    }

    private static func runs(_ pod: APIObject) -> Bool {
        pod.json["status", "phase"]?.string == "Running" && !pod.isBeingDeleted
    }

    /// The PersistentVolume of a claim, which must be bound to this very claim: a name alone proves nothing.
    private func boundVolume(of name: String, in namespace: String) async throws(ControllerError) -> APIObject {
        guard let claim = try await find(PlaceFinder.claims, name, in: namespace) else {
            throw ControllerError(.notFound, "claim \(namespace)/\(name) does not exist")
        }
        guard let volumeName = claim.json["spec", "volumeName"]?.string, !volumeName.isEmpty,
            let volume = try await find(PlaceFinder.volumes, volumeName, in: nil)
        else { throw ControllerError(.notMounted, "claim \(namespace)/\(name) is not bound") }
        let owner = volume.json["spec", "claimRef"]
        guard owner?["namespace"]?.string == namespace, owner?["name"]?.string == name,
            owner?["uid"]?.string.map({ $0 == claim.uid }) ?? true
        else {
            throw ControllerError(
                .invalid, "PersistentVolume \(volumeName) belongs to another claim than \(namespace)/\(name)")
        }
        return volume
    }

    private func find(
        _ kind: ResourceKind, _ name: String, in namespace: String?
    ) async throws(ControllerError) -> APIObject? {
        do {
            return try await client.find(kind, name, in: namespace)?.decoded()
        } catch {
            throw ControllerError(reading: "\(kind.kind) \(namespace.map { "\($0)/" } ?? "")\(name)", error)
        }
    }
}

extension ControllerError {
    /// A request to the API server failed.
    init(reading what: String, _ error: any Error) {
        let isCancelled = (error as? APIError)?.code == .cancelled || error is CancellationError
        self.init(isCancelled ? .cancelled : .unavailable, "\(what) cannot be read", cause: error)
    }
}
