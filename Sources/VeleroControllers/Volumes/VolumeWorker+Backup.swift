internal import Basics
internal import FileSystemBackup
internal import ResticFormat
internal import ResticRepository
internal import Synchronization
package import VeleroAPI

extension VolumeWorker {
    /// Saves a volume.
    ///
    /// - Returns: the object in a terminal phase. With a snapshot and `Failed` the data is there but not whole: the message says
    ///   what could not be read.
    package func backUp(
        _ volume: PodVolumeBackup, progress: @escaping Progress = { _, _ in }
    ) async -> PodVolumeBackup {
        var result = volume
        result.status.phase = PodVolumePhase.inProgress.rawValue
        result.status.startTimestamp = clock.now()
        do {
            let place = try VolumeWorker.place(
                location: volume.spec.backupStorageLocation, namespace: volume.spec.podNamespace)
            result.spec.repoIdentifier = try await repositories.identifier(of: place)
            let pod = try await finder.pod(
                volume.spec.podName, in: volume.spec.podNamespace, uid: volume.spec.podUID)
            let path = try await finder.folder(of: volume.spec.volume, in: pod)
            result.status.path = path
            let saved = try await save(path, tags: volume.spec.tags, in: place, progress)
            saved.record(in: &result.status)
        } catch {
            let (phase, message) = VolumeWorker.end(error)
            result.status.phase = phase.rawValue
            result.status.message = message
        }
        result.status.completionTimestamp = clock.now()
        return result
    }

    private struct SavedVolume: Sendable {
        var snapshot: String?
        var bytes: UInt64 = 0
        var addedBytes: UInt64 = 0
        var problems: [String] = []
        var problemCount: UInt64 = 0

        func record(in status: inout PodVolumeBackup.Status) {
            status.snapshotID = snapshot ?? ""
            status.totalBytes = Int(clamping: bytes)
            status.bytesDone = Int(clamping: bytes)
            status.incrementalBytes = Int(clamping: addedBytes)
            status.phase = (problemCount == 0 ? PodVolumePhase.completed : .failed).rawValue
            if problemCount > 0 {
                let more = problemCount > UInt64(problems.count) ? ", and more" : ""
                status.message = "\(problemCount) items could not be read: \(problems.joined(separator: "; "))\(more)"
            } else if snapshot == nil {
                status.message = "volume was empty so no snapshot was taken"
            }
        }
    }

    private func save(
        _ path: String, tags: [String: String], in place: RepositoryPool.Place, _ progress: @escaping Progress
    ) async throws -> SavedVolume {
        let options = backupOptions(path, tags)
        let clock = clock
        return try await repositories.use(place, creates: true) { indexed in
            var options = options
            let snapshots = try await indexed.repository.listSnapshots().snapshots.filter {
                indexed.index.contains(BlobHandle(.tree, $0.snapshot.tree))
            }
            options.parent = VolumeParent.choose(tags: tags, among: snapshots)
            let problems = ProblemList()
            let backup = TreeBackup(indexed, options: options, clock: clock) { event in
                if case .problem(let problem) = event { problems.add(problem) }
            }
            return try await VolumeWorker.run(backup, problems, progress)
        }
    }

    private static func run(
        _ backup: TreeBackup, _ problems: ProblemList, _ progress: @escaping Progress
    ) async throws -> SavedVolume {
        let meter = Task {
            let folder = backup.options.workingFolder
            let total = TreeScan(rules: backup.options.rules, workingFolder: "/").total(of: [folder])
            var ticks = 0
            while !Task.isCancelled {  // Ends with the backup.
                progress(Int(clamping: backup.progress.counts.bytes), Int(clamping: total.bytes))
                ticks += 1
                do { try await Task.sleep(for: .seconds(5)) } catch { break }
            }
        }
        defer { meter.cancel() }
        var saved = SavedVolume()
        do {
            let outcome = try await backup.run(["."])
            saved.snapshot = outcome.snapshotID?.description
        } catch let error as FileError where error.code == .empty {
            // Nothing in it, or nothing in it that can be read: the problems tell.
            saved.snapshot = nil
        }
        let counts = backup.progress.counts
        saved.bytes = counts.bytes
        saved.addedBytes = counts.addedBytes
        saved.problemCount = counts.problems
        saved.problems = problems.first
        return saved
    }

    private func backupOptions(_ path: String, _ tags: [String: String]) -> BackupOptions {
        var options = BackupOptions()
        options.workingFolder = LocalPath(path)
        // A volume is mounted anew with every pod, and its device is another each time.
        options.recordsDeviceOnlyForHardLinks = true
        options.labels.hostname = "velero"
        options.labels.username = "root"
        options.labels.programVersion = programVersion
        options.labels.tags = VolumeParent.lines(tags)
        if let owner = FolderOwner(of: path) { options.labels.tags.append(owner.tag) }
        return options
    }
}

/// The first problems of a backup or restore, as lines. A status is no place for thousands.
final class ProblemList: Sendable {
    static let most = 5
    private let lines = Mutex<[String]>([])

    var first: [String] { lines.withLock { $0 } }

    func add(_ problem: ItemProblem) {
        lines.withLock { if $0.count < ProblemList.most { $0.append(problem.description) } }
    }
}
