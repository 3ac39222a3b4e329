internal import Basics
internal import ControllerRuntime
package import KubernetesClient
internal import KubernetesModel
package import VeleroAPI

/// The agent of one node: works on the PodVolumeBackups and PodVolumeRestores of its pods until it is cancelled.
///
/// There is one agent a node. So an object of this node that is under way and not in its hands was left by an earlier run of
/// the agent: it is done again, which moves only what is not yet in the repository. An agent that is stopped leaves its objects
/// under way for the next.
package struct NodeAgent: Sendable {
    package enum Event: Sendable {
        case began(String)
        case ended(String, PodVolumePhase, message: String?)
        case interrupted(APIError)
        /// A result could not be written down; it is tried again.
        case unwritten(String, APIError)
    }

    let client: APIClient
    /// The namespace of velero's objects.
    let namespace: String
    let node: String
    let worker: VolumeWorker
    let clock: any Clock<Duration>
    let observe: @Sendable (Event) -> Void
    /// Backups, and beside them restores, at a time. Each uses all cores already; more only keep a slow store busy.
    let limit: Int
    let status: StatusWriter
    let backups = WorkInHand<PodVolumeBackup>()
    let restores = WorkInHand<PodVolumeRestore>()

    package init(
        client: APIClient, namespace: String, node: String, worker: VolumeWorker, clock: any Clock<Duration>,
        limit: Int = 2, observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.client = client
        self.namespace = namespace
        self.node = node
        self.worker = worker
        self.clock = clock
        self.limit = max(1, limit)
        self.observe = observe
        status = StatusWriter(client: client)
    }

    /// - Throws: what no waiting can mend, such as missing definitions or rights.
    package func run() async throws(APIError) {
        let controllers = [backupController(), restoreController()]
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for controller in controllers { group.addTask { try await controller.run() } }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            guard let error = error as? APIError else { return }
            throw error
        }
    }

    // MARK: Backups

    func backupController() -> Controller {
        Controller(
            client: client, kind: PodVolumeBackup.resourceKind, namespace: namespace, workers: limit, clock: clock,
            observe: { event in
                switch event {
                case .changed(let place, let object):
                    if NodeAgent.isToStop(object) { backups.stop(place) }
                case .interrupted(let error): observe(.interrupted(error))
                case .listed: break
                }
            },
            reconcile: { place, object in await reconcileBackup(place, object) })
    }

    private static func isToStop(_ object: RawObject?) -> Bool {
        guard let object, !object.isBeingDeleted else { return true }
        // What cannot be decoded is not worked on.
        return (try? object.decoded())?.json["spec", "cancel"]?.bool == true
    }

    private func reconcileBackup(_ place: NamespacedObject, _ raw: RawObject?) async -> Controller.Outcome {
        guard let raw, !raw.isBeingDeleted, let decoded = try? raw.decoded(),
            let object = try? PodVolumeBackup(element: decoded), object.spec.node == node
        else { return .done }
        let name = "PodVolumeBackup \(place)"
        let now = worker.clock.now()
        func end(_ result: PodVolumeBackup) async -> Controller.Outcome {
            await conclude(result, decoded, name, backups)
        }
        if object.phase.isTerminal { return settle(object, decoded, name, backups) }
        if let result = backups.kept(uid: decoded.uid ?? "") {
            return await end(result)
        }
        guard object.spec.cancel != true else {
            return await end(object.ended(.canceled, "cancelled before it was begun", at: now))
        }
        guard VolumeRecordsFormat.isRestic(object.spec.uploaderType) else {
            let reason = "this agent does not know the uploader '\(object.spec.uploaderType)'"
            return await end(object.ended(.failed, reason, at: now))
        }
        backups.enter(place)
        guard await claim(object.begun(at: now), decoded, name) else {
            backups.leave(place)
            return .failed
        }
        let (result, wasAsked) = await backups.run(place) {
            await following(object) { progress in
                await worker.backUp(object, progress: progress)
            } report: {
                $0.status.bytesDone = $1
                $0.status.totalBytes = $2
            }
        }
        if Task.isCancelled, !wasAsked { return .done }
        return await end(result)
    }

    // MARK: Restores

    func restoreController() -> Controller {
        Controller(
            client: client, kind: PodVolumeRestore.resourceKind, namespace: namespace, workers: limit, clock: clock,
            observe: { event in
                switch event {
                case .changed(let place, let object):
                    if NodeAgent.isToStop(object) { restores.stop(place) }
                case .interrupted(let error): observe(.interrupted(error))
                case .listed: break
                }
            },
            reconcile: { place, object in await reconcileRestore(place, object) })
    }

    /// How often to look whether a pod has come so far that its volumes can be filled.
    private static let podInterval = Duration.seconds(2)

    private func reconcileRestore(_ place: NamespacedObject, _ raw: RawObject?) async -> Controller.Outcome {
        guard let raw, !raw.isBeingDeleted, let decoded = try? raw.decoded(),
            let object = try? PodVolumeRestore(element: decoded)
        else { return .done }
        let name = "PodVolumeRestore \(place)"
        let now = worker.clock.now()
        func end(_ result: PodVolumeRestore) async -> Controller.Outcome {
            await conclude(result, decoded, name, restores)
        }
        if object.phase.isTerminal { return settle(object, decoded, name, restores) }
        if let result = restores.kept(uid: decoded.uid ?? "") {
            return await end(result)
        }
        let readiness: PodReadiness
        switch await whereabouts(of: object) {
        case .elsewhere: return .done
        case .unknown: return .again(after: NodeAgent.podInterval)
        case .here(let state): readiness = state
        }
        guard object.spec.cancel != true else {
            return await end(object.ended(.canceled, "cancelled before it was begun", at: now))
        }
        guard VolumeRecordsFormat.isRestic(object.spec.uploaderType) else {
            let reason = "this agent does not know the uploader '\(object.spec.uploaderType)'"
            return await end(object.ended(.failed, reason, at: now))
        }
        switch readiness {
        case .notYet: return .again(after: NodeAgent.podInterval)
        case .never(let reason):
            return await end(object.ended(.failed, "the pod \(reason)", at: now))
        case .ready: break
        }
        restores.enter(place)
        guard await claim(object.begun(at: now, node: node), decoded, name) else {
            restores.leave(place)
            return .failed
        }
        let uid = object.labels[VeleroName.restoreUID] ?? ""
        let (result, wasAsked) = await restores.run(place) {
            await following(object) { progress in
                await worker.restore(object, restoreUID: uid, progress: progress)
            } report: {
                $0.status.bytesDone = $1
                $0.status.totalBytes = $2
            }
        }
        if Task.isCancelled, !wasAsked { return .done }
        return await end(result)
    }

    private enum Whereabouts {
        case here(PodReadiness)
        case elsewhere
        /// Not scheduled yet, not created yet, or the API server did not answer.
        case unknown
    }

    private func whereabouts(of restore: PodVolumeRestore) async -> Whereabouts {
        guard let found = try? await client.find(PlaceFinder.pods, restore.spec.podName, in: restore.spec.podNamespace),
            let pod = try? found.decoded(), pod.uid == restore.spec.podUID
        else { return .unknown }
        let podNode = pod.json["spec", "nodeName"]?.string ?? ""
        if podNode.isEmpty { return .unknown }
        return podNode == node ? .here(PodReadiness(of: pod)) : .elsewhere
    }
}
