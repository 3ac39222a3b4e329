package import Basics
internal import ControllerRuntime
package import KubernetesClient
internal import KubernetesModel
internal import ResticRepository
internal import VeleroAPI

/// Looks after the BackupRepository objects: opens what is new, and frees space on schedule. Source: reference section 9.1.
///
/// Under the exclusive lock of a prune backups wait, so it is done when its time has come and nobody else works.
package struct RepositoryMaintenance: Sendable {
    package enum Event: Sendable {
        case ready(String)
        /// With the bytes that were freed.
        case pruned(String, freed: ByteCount)
        case failed(String, String)
        case interrupted(APIError)
    }

    private let client: APIClient
    private let namespace: String
    private let repositories: RepositoryPool
    private let clock: any Clock<Duration>
    private let wallClock: WallClock
    private let observe: @Sendable (Event) -> Void

    /// Runs that are remembered in the status.
    private static let remembered = 3
    private static let patience = Duration.seconds(300)

    package init(
        client: APIClient, namespace: String, repositories: RepositoryPool, clock: any Clock<Duration>,
        wallClock: WallClock, observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.client = client
        self.namespace = namespace
        self.repositories = repositories
        self.clock = clock
        self.wallClock = wallClock
        self.observe = observe
    }

    /// Until the task is cancelled. One repository at a time.
    package func run() async throws(APIError) {
        let controller = Controller(
            client: client, kind: BackupRepository.resourceKind, namespace: namespace, workers: 1, clock: clock,
            observe: { event in
                if case .interrupted(let error) = event { observe(.interrupted(error)) }
            },
            reconcile: { _, object in await reconcile(object) })
        try await controller.run()
    }

    private func reconcile(_ raw: RawObject?) async -> Controller.Outcome {
        guard let raw, !raw.isBeingDeleted, let decoded = try? raw.decoded(),
            var object = try? BackupRepository(element: decoded), object.isRestic
        else { return .done }
        let place = RepositoryPool.Place(
            location: object.spec.backupStorageLocation, namespace: object.spec.volumeNamespace)
        guard KubernetesName.isLabel(place.namespace) else { return .done }
        if object.status.phase != .ready {
            guard await open(place, &object) else { return .again(after: .seconds(300)) }
        }
        let due = MaintenanceSchedule.due(object, now: wallClock.now())
        if due > .zero { return .again(after: due) }
        return await prune(place, &object, resourceVersion: decoded.resourceVersion)
    }

    private func open(_ place: RepositoryPool.Place, _ object: inout BackupRepository) async -> Bool {
        do {
            _ = try await repositories.repository(place, creates: true)
            object.status.phase = .ready
            object.status.message = ""
            // A new one is not pruned at once.
            object.status.lastMaintenanceTime = object.status.lastMaintenanceTime ?? wallClock.now()
            observe(.ready(object.name))
        } catch {
            object.status.phase = .notReady
            object.status.message = ErrorChain.line(error)
            observe(.failed(object.name, ErrorChain.line(error)))
        }
        return await write(object) && object.status.phase == .ready
    }

    private func prune(
        _ place: RepositoryPool.Place, _ object: inout BackupRepository, resourceVersion: String?
    ) async -> Controller.Outcome {
        let started = wallClock.now()
        var message = ""
        do {
            let repository = try await repositories.repository(place, creates: false)
            let outcome = try await repository.withLock(.exclusive, patience: RepositoryMaintenance.patience) {
                try await repository.prune(PruneOptions())
            }
            observe(.pruned(object.name, freed: ByteCount(outcome.plan.counts.bytes.removeTotal)))
        } catch {
            if Task.isCancelled { return .done }
            message = ErrorChain.line(error)
            observe(.failed(object.name, message))
        }
        object.status.lastMaintenanceTime = wallClock.now()
        object.status.recentMaintenance = MaintenanceSchedule.remembering(
            object.status.recentMaintenance, started: started, ended: wallClock.now(), failure: message,
            most: RepositoryMaintenance.remembered)
        guard await write(object) else { return .failed }
        return .again(after: MaintenanceSchedule.due(object, now: wallClock.now()))
    }

    private func write(_ object: BackupRepository) async -> Bool {
        do throws(APIError) {
            _ = try await StatusWriter(client: client).write(object)
            return true
        } catch {
            observe(.failed(object.name, "its status cannot be written: \(ErrorChain.line(error))"))
            return false
        }
    }
}

/// When a repository is to be looked after. Pure.
enum MaintenanceSchedule {
    /// How long until then; zero if it is time.
    static func due(_ object: BackupRepository, now: Timestamp) -> Duration {
        let wanted = object.spec.maintenanceFrequency ?? .zero
        let frequency = wanted > .zero ? wanted : BackupRepository.resticMaintenance
        guard let last = object.status.lastMaintenanceTime else { return .zero }
        return max(.zero, frequency - (now - last))
    }

    static func remembering(
        _ former: JSONValue?, started: Timestamp, ended: Timestamp, failure: String, most: Int
    ) -> JSONValue {
        var run: JSONValue = [
            "result": .string(failure.isEmpty ? "Succeeded" : "Failed"),
            "startTimestamp": .string(started.wholeSeconds.description),
            "completeTimestamp": .string(ended.wholeSeconds.description),
        ]
        if !failure.isEmpty { run["message"] = .string(failure) }
        return .array(Array(((former?.array ?? []) + [run]).suffix(most)))
    }
}
