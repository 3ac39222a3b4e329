internal import Basics
internal import FileSystemBackup
internal import KubernetesClient
internal import KubernetesModel
internal import ResticFormat
internal import ResticRepository
package import VeleroAPI

extension VolumeWorker {
    /// Containers that hold a restored pod back until its volumes are filled: of today, and of Velero 1.9 and older.
    static let waiters: Set<String> = ["restore-wait", "restic-wait"]

    /// Fills the volume of a pod that waits for it, and gives the sign that it is filled.
    ///
    /// May be run again after any failure: what is there already is compared and not written again.
    /// - Parameter restoreUID: of the Restore, which the waiting container was told.
    /// - Returns: the object in a terminal phase.
    package func restore(
        _ restore: PodVolumeRestore, restoreUID: String, progress: @escaping Progress = { _, _ in }
    ) async -> PodVolumeRestore {
        var result = restore
        result.status.phase = PodVolumePhase.inProgress.rawValue
        result.status.startTimestamp = clock.now()
        do {
            let spec = restore.spec
            let pod = try await waitingPod(spec)
            let path = try await finder.folder(of: spec.volume, in: pod)
            result.status.node = pod.json["spec", "nodeName"]?.string
            let counts = try await fill(path, spec, progress)
            result.status.totalBytes = Int(clamping: counts.bytes)
            result.status.bytesDone = Int(clamping: counts.bytes)
            result.status.message = counts.message
            // Also with problems: an incomplete volume is for a person to look at, a pod that waits for ever is not.
            try RestoreMarker.put(restoreUID, into: path)
            result.status.phase = (counts.isComplete ? PodVolumePhase.completed : .failed).rawValue
        } catch {
            let (phase, message) = VolumeWorker.end(error)
            result.status.phase = phase.rawValue
            result.status.message = message
        }
        result.status.completionTimestamp = clock.now()
        return result
    }

    /// Fills the volume of a pod that runs, in place.
    package func restoreInPlace(
        _ spec: PodVolumeRestore.Spec, progress: @escaping Progress = { _, _ in }
    ) async throws -> RestoredVolume {
        let pod = try await finder.pod(spec.podName, in: spec.podNamespace, uid: spec.podUID)
        return try await fill(try await finder.folder(of: spec.volume, in: pod), spec, progress)
    }

    private func fill(
        _ path: String, _ spec: PodVolumeRestore.Spec, _ progress: @escaping Progress
    ) async throws -> RestoredVolume {
        let place = try VolumeWorker.place(location: spec.backupStorageLocation, namespace: spec.sourceNamespace)
        var options = RestoreOptions()
        options.isSparse = writesSparseFiles
        return try await repositories.use(place, creates: false) { [options] indexed in
            let stored = try await VolumeWorker.snapshot(spec.snapshotID, in: indexed.repository)
            let problems = ProblemList()
            let restore = TreeRestore(indexed, options: options) { event in
                if case .problem(let problem) = event { problems.add(problem) }
            }
            let meter = Task {
                while !Task.isCancelled {  // Ends with the restore.
                    let counts = restore.progress.counts
                    progress(
                        Int(clamping: counts.bytesRestored + counts.bytesSkipped), Int(clamping: counts.totalBytes))
                    do { try await Task.sleep(for: .seconds(5)) } catch { break }
                }
            }
            defer { meter.cancel() }
            let counts = try await restore.run(stored.snapshot.tree, into: LocalPath(path))
            var result = RestoredVolume(path: path, bytes: counts.totalBytes, problems: problems.first)
            result.problemCount = counts.problems
            if let problem = FolderOwner(tags: stored.snapshot.tags)?.apply(to: path) {
                result.problems.append(problem)
                result.problemCount += 1
            }
            return result
        }
    }

    static func snapshot(_ id: String, in repository: Repository) async throws -> StoredSnapshot {
        guard id != "latest" else { throw ControllerError(.invalid, "a volume's snapshot is named by its id") }
        return try await repository.snapshot(named: id)
    }

    // MARK: Waiting for the pod

    /// The pod, once its first container waits for the volumes.
    private func waitingPod(_ spec: PodVolumeRestore.Spec) async throws -> APIObject {
        var waited = Duration.zero
        var pause = Duration.milliseconds(250)
        while true {  // Ends when the time is over.
            let pod = try await finder.pod(spec.podName, in: spec.podNamespace, uid: spec.podUID)
            let state = PodReadiness(of: pod)
            if case .ready = state { return pod }
            if case .never(let reason) = state {
                throw ControllerError(.invalid, "pod \(spec.podNamespace)/\(spec.podName) \(reason)")
            }
            guard waited < podTimeout else {
                throw ControllerError(
                    .timeout,
                    "pod \(spec.podNamespace)/\(spec.podName) did not wait for its volumes within "
                        + "\(podTimeout.components.seconds) s: \(state.text)")
            }
            try await pauses.sleep(for: pause)
            waited += pause
            pause = min(pause * 2, .seconds(2))
        }
    }
}

/// What filling a volume came to.
package struct RestoredVolume: Sendable {
    package let path: String
    package let bytes: UInt64
    package var problems: [String]
    package var problemCount: UInt64 = 0

    package var isComplete: Bool { problemCount == 0 }

    package var message: String? {
        guard problemCount > 0 else { return nil }
        let more = problemCount > UInt64(problems.count) ? ", and more" : ""
        return "\(problemCount) items are not as they were: \(problems.joined(separator: "; "))\(more)"
    }
}

/// Whether a restored pod has come so far that its volumes can be filled. Pure.
enum PodReadiness: Sendable, Hashable {
    /// Its volumes are mounted and the first container waits.
    case ready
    case notYet(String)
    /// It will not wait any more.
    case never(String)

    init(of pod: APIObject) {
        let node = pod.json["spec", "nodeName"]?.string ?? ""
        let containers = (pod.json["spec", "initContainers"]?.array ?? []).compactMap { $0["name"]?.string }
        guard containers.contains(where: VolumeWorker.waiters.contains) else {
            self = .never("has no container that waits for volumes")
            return
        }
        guard !node.isEmpty else {
            self = .notYet("it is not scheduled to a node: \(PodReadiness.scheduling(pod))")
            return
        }
        let statuses = pod.json["status", "initContainerStatuses"]?.array ?? []
        guard let status = statuses.first(where: { VolumeWorker.waiters.contains($0["name"]?.string ?? "") }) else {
            self = .notYet("node \(node) has not begun with it")
            return
        }
        if status["state", "running"] != nil {
            self = .ready
        } else if let ended = status["state", "terminated"] {
            let code = ended["exitCode"]?.int64 ?? 0
            // One that failed is started again.
            self =
                code == 0
                ? .never("waits no more: its volumes were filled before") : .notYet("it ended with code \(code)")
        } else {
            let reason = status["state", "waiting", "reason"]?.string ?? "no reason given"
            let detail = status["state", "waiting", "message"]?.string.map { ": \($0)" } ?? ""
            self = .notYet("the container that waits does not start: \(reason)\(detail)")
        }
    }

    private static func scheduling(_ pod: APIObject) -> String {
        let condition = (pod.json["status", "conditions"]?.array ?? []).first { $0["type"]?.string == "PodScheduled" }
        return condition?["message"]?.string ?? "no reason given"
    }

    var text: String {
        switch self {
        case .ready: "it waits"
        case .notYet(let text), .never(let text): text
        }
    }
}
