package import Basics
package import KubernetesClient
internal import KubernetesModel
internal import NIOCore
package import ObjectStorage
internal import VeleroAPI

/// Makes backups from this process: reads the cluster, writes the store, needs nothing installed anywhere.
///
/// A backup becomes visible with its last write; until then nothing looks whole, and a run that fails or is cancelled
/// takes back what it wrote. Memory: four batches of a list, two parts of an upload and the names of all objects.
package struct DirectBackup: Sendable {
    private let client: APIClient
    private let store: any ObjectStore
    private let clock: WallClock
    private let saver: (any PodVolumeSaver)?
    private let bracket: any PodBracket

    /// - Parameters:
    ///   - saver: of volumes; without one every volume that is asked for is an error of the backup.
    ///   - bracket: what happens around a pod's volumes; without one no hooks are run.
    package init(
        client: APIClient, store: any ObjectStore, clock: WallClock, saver: (any PodVolumeSaver)? = nil,
        bracket: (any PodBracket)? = nil
    ) {
        self.client = client
        self.store = store
        self.clock = clock
        self.saver = saver
        self.bracket = bracket ?? NoHooks()
    }

    /// Makes one backup.
    ///
    /// - Returns: also for a run that failed: `phase` tells. `Failed` means that nothing is left in the store (or, if the
    ///   store broke down, nothing that looks whole); `PartiallyFailed` that the backup lacks what its results name.
    /// - Throws: `.invalid` for filters that contradict each other, `.alreadyExists`; then nothing was done.
    package func run(
        _ request: BackupRequest, progress: @escaping @Sendable (BackupProgress) -> Void = { _ in }
    ) async throws(ClusterBackupError) -> BackupOutcome {
        let started = clock.now()
        var backup = BackupRun.newBackup(request, startedAt: started)
        let log = RunLog(clock: clock, subject: "\(request.namespace)/\(request.name)")
        let folder = BackupFolder(store: store, name: request.name)
        var errors = SelectionPlan.validationErrors(request.spec)
        do throws(ActionError) { _ = try BackupHooks(request.spec.hooks) } catch { errors.append(error.message) }
        guard errors.isEmpty else {
            throw ClusterBackupError(.invalid, "the backup's filters: \(errors.joined(separator: "; "))")
        }
        try await folder.claim(claim(request, started))
        let run = BackupRun(
            client: client, store: store, clock: clock, request: request, log: log, progress: ProgressMeter(progress),
            stage: VolumeStage(saver: saver, bracket: bracket, log: log))
        for message in await bracket.begin() { log.report(RunLog.Level(message.level), message.text) }
        do {
            let collected = try await run.collect(into: folder, backup: &backup)
            try await run.finish(folder, &backup, collected)
            return BackupOutcome(
                backup: backup, results: log.results, counts: collected.names.counts,
                archiveSize: ByteCount(collected.archiveSize), failure: nil)
        } catch {
            let failure = BackupRun.failure(error)
            let left = await folder.discard()
            if left.isEmpty, failure.code == .invalid { throw failure }
            var results = log.results
            results.errors.velero.append(ErrorChain.line(failure))
            if !left.isEmpty {
                let names = left.map(\.text).joined(separator: ", ")
                results.errors.velero.append("these files could not be deleted: \(names)")
            }
            backup.status.phase = .failed
            backup.status.failureReason = ErrorChain.line(failure)
            backup.status.completionTimestamp = clock.now()
            return BackupOutcome(
                backup: backup, results: results, counts: [:], archiveSize: .zero, failure: failure)
        }
    }

    /// What the log file holds until the run has ended; also tells whose run it is.
    private func claim(_ request: BackupRequest, _ started: Timestamp) -> ByteBuffer {
        let line =
            "time=\"\(started.wholeSeconds)\" level=info msg=\"Backup under way\" "
            + "backup=\(request.namespace)/\(request.name) run=\(request.uid)\n"
        return Gzip.compress(Array(line.utf8))
    }
}
