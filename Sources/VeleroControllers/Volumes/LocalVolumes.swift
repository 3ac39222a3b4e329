internal import Basics
internal import ClusterBackup
internal import Synchronization
package import VeleroAPI

/// Saves and fills volumes from this process, on the node where they are.
package struct LocalVolumes: PodVolumeSaver, PodVolumeRestorer {
    private let worker: VolumeWorker
    private let key: @Sendable () async throws -> RepositoryKey
    /// Volumes of one pod that are worked on at a time. Each reads and compresses on all cores already.
    private let concurrency: Int
    private let observe: @Sendable (String) -> Void

    /// - Parameters:
    ///   - key: of the repositories, for the warning about a key that everybody knows.
    ///   - observe: told in plain words when a volume begins and ends.
    package init(
        _ worker: VolumeWorker, key: @escaping @Sendable () async throws -> RepositoryKey, concurrency: Int = 2,
        observe: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.worker = worker
        self.key = key
        self.concurrency = max(1, concurrency)
        self.observe = observe
    }

    package func save(_ volumes: [PodVolumeBackup]) async -> [PodVolumeBackup] {
        let (worker, observe) = (worker, observe)
        return await LocalVolumes.inOrder(volumes, concurrency) { volume in
            let name = "\(volume.spec.podNamespace)/\(volume.spec.podName) volume \(volume.spec.volume)"
            observe("saving \(name)")
            let done = await worker.backUp(volume)
            observe("\(done.phase == .completed ? "saved" : "not saved:") \(name)")
            return done
        }
    }

    package func restore(_ restores: [PodVolumeRestore], restoreUID: String) async -> [PodVolumeRestore] {
        let (worker, observe) = (worker, observe)
        return await LocalVolumes.inOrder(restores, concurrency) { restore in
            let name = "\(restore.spec.podNamespace)/\(restore.spec.podName) volume \(restore.spec.volume)"
            observe("filling \(name)")
            let done = await worker.restore(restore, restoreUID: restoreUID)
            observe("\(done.phase == .completed ? "filled" : "not filled:") \(name)")
            return done
        }
    }

    package func warnings() async -> [String] {
        // Without a key every volume has failed and said so.
        guard let key = try? await key() else { return [] }
        return [key.warning].compactMap { $0 }
    }

    /// Each element once, also in a task that was cancelled: the work itself tells that it did nothing.
    private static func inOrder<Element: Sendable>(
        _ elements: [Element], _ limit: Int, _ work: @escaping @Sendable (Element) async -> Element
    ) async -> [Element] {
        await withTaskGroup(of: (Int, Element).self) { group in
            var results = elements
            var running = 0
            for (index, element) in elements.enumerated() {
                if running == limit, let (done, result) = await group.next() {
                    results[done] = result
                    running -= 1
                }
                group.addTask { (index, await work(element)) }
                running += 1
            }
            for await (done, result) in group { results[done] = result }
            return results
        }
    }
}
