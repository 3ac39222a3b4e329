package import Basics
internal import KubernetesModel
internal import VeleroAPI

/// Does the work of a PodVolumeBackup or a PodVolumeRestore on this node: finds the folder, opens the repository, copies.
///
/// Safe to use from any task; how many volumes at a time is the caller's choice. Memory: see `TreeBackup` and `TreeRestore` for
/// each volume, and the shared index of its repository.
package struct VolumeWorker: Sendable {
    /// Told of the bytes that are done, and of how many there are once that is known.
    package typealias Progress = @Sendable (_ done: Int, _ total: Int?) -> Void

    let finder: PlaceFinder
    let repositories: RepositoryPool
    let clock: WallClock
    /// For waiting until a pod has come so far.
    let pauses: any Clock<Duration>
    /// What stands in snapshots: `martlet 0.3.0`.
    let programVersion: String
    /// How long a restored pod may take until it waits for its volumes: to be scheduled, to pull an image.
    package var podTimeout = Duration.seconds(1800)
    /// Zeros in restored files become holes.
    package var writesSparseFiles = false

    package init(
        finder: PlaceFinder, repositories: RepositoryPool, clock: WallClock, pauses: any Clock<Duration>,
        programVersion: String
    ) {
        self.finder = finder
        self.repositories = repositories
        self.clock = clock
        self.pauses = pauses
        self.programVersion = programVersion
    }

    static func place(location: String, namespace: String) throws(ControllerError) -> RepositoryPool.Place {
        guard KubernetesName.isLabel(namespace) else {
            throw ControllerError(.invalid, "'\(namespace)' is no namespace")
        }
        return RepositoryPool.Place(location: location, namespace: namespace)
    }

    /// The phase and the message of an object whose work failed so.
    static func end(_ error: any Error) -> (phase: PodVolumePhase, message: String) {
        let isCancelled =
            error is CancellationError || (error as? ControllerError)?.code == .cancelled || Task.isCancelled
        return isCancelled ? (.canceled, "cancelled") : (.failed, ErrorChain.line(error))
    }
}
