internal import Basics
internal import KubernetesClient
internal import KubernetesModel
internal import NIOCore
internal import ObjectStorage
internal import VeleroAPI

/// One run of `DirectBackup`: the steps, in order.
struct BackupRun: Sendable {
    let client: APIClient
    let store: any ObjectStore
    let clock: WallClock
    let request: BackupRequest
    let log: RunLog
    let progress: ProgressMeter
    let stage: VolumeStage

    /// Velero's default, `--default-backup-ttl`.
    static let defaultTTL = Duration.seconds(720 * 3600)

    struct Collected {
        var names: CollectedNames
        var archiveSize: Int64
        var volumes: VolumeReport
        var policy: ResourcePolicy?
    }

    /// The Backup object as it stands at the start, with Velero's defaults filled in. Source: reference section 6.1.
    static func newBackup(_ request: BackupRequest, startedAt now: Timestamp) -> Backup {
        var spec = request.spec
        let ttl = spec.ttl.flatMap { $0 > .zero ? $0 : nil } ?? defaultTTL
        spec.ttl = ttl
        if spec.includedNamespaces.isEmpty { spec.includedNamespaces = ["*"] }
        if spec.storageLocation.isEmpty { spec.storageLocation = "default" }
        spec.csiSnapshotTimeout = spec.csiSnapshotTimeout ?? .seconds(600)
        spec.itemOperationTimeout = spec.itemOperationTimeout ?? .seconds(4 * 3600)
        spec.defaultVolumesToFsBackup = spec.savesVolumesByDefault
        spec.hooks = spec.hooks ?? .object([:])
        var backup = Backup(name: request.name.text, namespace: request.namespace, spec: spec)
        backup.object.json["metadata", "uid"] = .string(request.uid)
        backup.object.json["metadata", "creationTimestamp"] = .string(now.wholeSeconds.description)
        backup.labels = request.labels.merging(
            [VeleroName.storageLocation: LabelValue.shortened(spec.storageLocation)], uniquingKeysWith: { $1 })
        backup.annotations = request.annotations
        backup.status.version = 1
        backup.status.formatVersion = ArchivePacker.formatVersion
        backup.status.phase = .inProgress
        backup.status.startTimestamp = now
        backup.status.expiration = now.wholeSeconds + ttl
        return backup
    }

    /// Reads the cluster into the archive.
    func collect(into folder: BackupFolder, backup: inout Backup) async throws -> Collected {
        let version = try await require("asking for the server's version") { () throws(APIError) in
            try await client.serverVersion()
        }
        backup.annotations[VeleroName.sourceClusterGitVersion] = version.gitVersion
        backup.annotations[VeleroName.sourceClusterMajorVersion] = String(version.major)
        backup.annotations[VeleroName.sourceClusterMinorVersion] = String(version.minor)
        log.info("Backing up Kubernetes \(version.gitVersion)")
        let (plan, namespaces, policy) = try await makePlan()
        let items = CollectedItems()
        let channel = BoundedChannel<[PackedItem]>(limit: 4)
        let collector = ItemCollector(
            client: client, plan: plan, log: log, items: items, channel: channel, progress: progress)
        folder.adopt(.archive)
        let key = folder.key(.archive)
        let info: ObjectInfo
        do {
            info = try await store.upload(
                at: key, partSize: .mebibytes(8), concurrency: 2
            ) { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        defer { channel.finish() }
                        try await collector.collect(namespaces: namespaces)
                    }
                    do {
                        try await pack(channel, into: writer) { try await group.waitForAll() }
                    } catch {
                        channel.cancel()
                        throw error
                    }
                }
            }
        } catch let error as StoreError {
            throw ClusterBackupError.store(error, "writing '\(key)' to \(store.location)")
        }
        return items.with {
            Collected(names: $0.names, archiveSize: info.size, volumes: $0.volumes, policy: policy)
        }
    }

    /// The one writer of the archive. `collected` returns when the collecting went well to its end: only then is the
    /// archive ended.
    private func pack(
        _ channel: BoundedChannel<[PackedItem]>, into writer: ObjectWriter, collected: () async throws -> Void
    ) async throws {
        let packer = ArchivePacker(now: clock.now())
        while let batch = await channel.next() {
            for item in batch {
                packer.append(
                    item.object.bytes, resource: item.resource, version: item.version,
                    namespace: item.object.namespace, name: item.object.name)
            }
            if let bytes = packer.takeOutput(atLeast: 256 << 10) {
                progress.add(bytes: bytes.readableBytes)
                try await writer.write(bytes)
            }
        }
        try await collected()
        let last = packer.finish()
        progress.add(bytes: last.readableBytes)
        try await writer.write(last)
    }

    /// Saves the volumes, then writes everything beside the archive, the visible file last.
    func finish(_ folder: BackupFolder, _ backup: inout Backup, _ collected: Collected) async throws {
        let choice = collected.volumes.choose(backup.spec, policy: collected.policy)
        for message in choice.messages {
            log.report(RunLog.Level(message.level), message.text, about: message.about)
        }
        if stage.bracket is NoHooks, !(backup.spec.hooks?["resources"]?.array ?? []).isEmpty {
            log.report(.warning, "the backup's hooks were not run: this run has no means to run them")
        }
        let saved = try await stage.run(choice, of: backup)
        if let counts = stage.bracket.hookCounts {
            // As Velero, which leaves zeros out.
            backup.status.hooksAttempted = counts.attempted > 0 ? counts.attempted : nil
            backup.status.hooksFailed = counts.failed > 0 ? counts.failed : nil
        }
        backup.status.totalItems = collected.names.count
        backup.status.itemsBackedUp = collected.names.count
        log.info("Backed up a total of \(collected.names.count) items")
        let infos = collected.volumes.infos(choice, saved: saved, policy: collected.policy)
        let files: [(BackupFile, ByteBuffer)] = [
            (.resourceList, collected.names.packed()),
            (.volumeInfo, gzip(BackupVolumeInfo.json(infos))),
            (.podVolumeBackups, gzip(.array(saved.map(\.json)))),
            (.volumeSnapshots, gzip(.array([]))),
            (.itemOperations, gzip(.array([]))),
            (.results, gzip(log.results.json)),
            (.log, log.finish()),
        ]
        for (file, bytes) in files {
            try Task.checkCancellation()
            try await folder.write(file, bytes)
        }
        backup.status.warnings = log.warningCount
        backup.status.errors = log.errorCount
        backup.status.phase = log.errorCount == 0 ? .completed : .partiallyFailed
        backup.status.completionTimestamp = clock.now()
        try Task.checkCancellation()
        try await folder.commit(ByteBuffer(string: backup.json.prettyPrinted()))
    }

    private func gzip(_ json: JSONValue) -> ByteBuffer { Gzip.compress(json.serialized()) }

    /// What any error of a run means.
    static func failure(_ error: any Error) -> ClusterBackupError {
        if let error = error as? ClusterBackupError { return error }
        if error is CancellationError { return ClusterBackupError(.cancelled, "the backup was cancelled") }
        if let error = error as? StoreError { return .store(error, "writing the backup") }
        return ClusterBackupError(.unavailable, "the backup failed", cause: error)
    }

    /// For requests without which there is no backup.
    func require<Answer>(
        _ doing: String, _ request: () async throws(APIError) -> Answer
    ) async throws(ClusterBackupError) -> Answer {
        do throws(APIError) {
            return try await request()
        } catch {
            throw ClusterBackupError(fatal: error, doing)
                ?? ClusterBackupError(.unavailable, "\(doing) failed", cause: error)
        }
    }
}
