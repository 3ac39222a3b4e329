package import Basics
internal import ClusterBackup
package import KubernetesClient
internal import KubernetesModel
package import VeleroAPI

/// Has the agents of the nodes save and fill volumes: makes the objects, waits for their end.
///
/// What is not done in time, or when the task is cancelled, is asked to stop.
package struct AgentVolumes: PodVolumeSaver, PodVolumeRestorer {
    private let client: APIClient
    private let clock: any Clock<Duration>
    private let wallClock: WallClock
    /// How long all volumes of one call may take. Velero's `--fs-backup-timeout`.
    private let timeout: Duration
    private let status: StatusWriter

    private static let interval = Duration.seconds(2)

    package init(
        client: APIClient, clock: any Clock<Duration>, wallClock: WallClock, timeout: Duration = .seconds(4 * 3600)
    ) {
        self.client = client
        self.clock = clock
        self.wallClock = wallClock
        self.timeout = timeout
        status = StatusWriter(client: client)
    }

    package func save(_ volumes: [PodVolumeBackup]) async -> [PodVolumeBackup] {
        let now = wallClock.now
        return await run(volumes) { $0.ended($1, $2, at: now()) }
    }

    package func restore(_ restores: [PodVolumeRestore], restoreUID: String) async -> [PodVolumeRestore] {
        let now = wallClock.now
        return await run(restores) { $0.ended($1, $2, at: now()) }
    }

    /// The agents know the key.
    package func warnings() async -> [String] { [] }

    private func run<Object: PodVolumeObject>(
        _ objects: [Object], _ ended: (Object, PodVolumePhase, String) -> Object
    ) async -> [Object] {
        var objects = objects
        var open: Set<Int> = []
        for index in objects.indices {
            do throws(APIError) {
                objects[index] = try await create(objects[index])
                if !objects[index].phase.isTerminal { open.insert(index) }
            } catch {
                objects[index] = ended(
                    objects[index], .failed, "the object for the agent cannot be made: \(ErrorChain.line(error))")
            }
        }
        var waited = Duration.zero
        var problem = ""
        while !open.isEmpty, waited < timeout, !Task.isCancelled {
            for index in open.sorted() {
                do throws(APIError) {
                    objects[index] = try await read(objects[index])
                    if objects[index].phase.isTerminal { open.remove(index) }
                    problem = ""
                } catch {
                    if error.code == .notFound {
                        objects[index] = ended(objects[index], .canceled, "its object was deleted")
                        open.remove(index)
                    }
                    problem = ": \(ErrorChain.line(error))"
                }
            }
            // Cancelled: the loop ends.
            do { try await clock.sleep(for: AgentVolumes.interval) } catch { break }
            waited += AgentVolumes.interval
        }
        for index in open {
            await stop(objects[index])
            let reason =
                Task.isCancelled
                ? "cancelled" : "the agent of its node did not end within \(timeout.components.seconds) s\(problem)"
            objects[index] = ended(objects[index], Task.isCancelled ? .canceled : .failed, reason)
        }
        return objects
    }

    /// Makes the object; one of this name that is there already is ours, of a try whose answer was lost.
    private func create<Object: PodVolumeObject>(_ object: Object) async throws(APIError) -> Object {
        do throws(APIError) {
            return try decoded(
                try await client.create(Object.resourceKind, in: object.namespace, object.json.serialized()))
        } catch {
            guard error.code == .alreadyExists || !error.wasNotSent else { throw error }
            let first = error
            guard let found = try await client.find(Object.resourceKind, object.name, in: object.namespace) else {
                throw first
            }
            return try decoded(found)
        }
    }

    private func read<Object: PodVolumeObject>(_ object: Object) async throws(APIError) -> Object {
        try decoded(try await client.get(Object.resourceKind, object.name, in: object.namespace))
    }

    private func decoded<Object: PodVolumeObject>(_ raw: RawObject) throws(APIError) -> Object {
        do {
            return try Object(element: try raw.decoded())
        } catch {
            throw APIError(.malformed, "\(Object.kind) \(raw.name): the answer cannot be read", cause: error)
        }
    }

    /// Runs to its end although the task was cancelled.
    private func stop<Object: PodVolumeObject>(_ object: Object) async {
        let status = status
        // An agent that cannot be told goes on; its snapshot harms nobody.
        _ = await Task { try? await status.cancel(object) }.value
    }
}
