package import Basics
import ResticFormat
package import ResticRepository

/// Backs up files and folders of this machine into a repository, as one snapshot.
///
/// Whoever calls holds a shared lock on the repository. May be run again after any failure: what was stored is found again.
/// A cancelled backup leaves no snapshot. Memory: about 20 MiB a worker, the packs of the writer, and the nodes of the
/// folders that are being walked.
package struct TreeBackup: Sendable {
    package let repository: IndexedRepository
    package let options: BackupOptions
    package let clock: WallClock
    package let progress = BackupProgress()
    package var observer: BackupObserver?

    package init(
        _ repository: IndexedRepository, options: BackupOptions, clock: WallClock, observer: BackupObserver? = nil
    ) {
        self.repository = repository
        self.options = options
        self.clock = clock
        self.observer = observer
    }

    /// Backs up `targets`, each a file or a folder, relative to the working folder or absolute.
    ///
    /// - Throws: `FileError` `.empty` if none of the targets can be read, `.invalid` if there are none. What the repository
    ///   throws. Items that cannot be read are problems in the outcome.
    package func run(_ targets: [LocalPath]) async throws -> BackupOutcome {
        guard !targets.isEmpty else { throw FileError(.invalid, "nothing to back up was named") }
        let paths = targets.map { String(decoding: $0.absolute(from: options.workingFolder).bytes, as: UTF8.self) }
        return try await run(paths: paths) { engine, former in
            if targets.count == 1, targets[0].cleaned.isOnlyDots {
                return try await engine.saveRoot(targets[0].absolute(from: options.workingFolder), former: former)
            }
            let tree = TargetTree(targets) { folder in
                do throws(SystemError) {
                    return try FolderEntries.names(in: Descriptor.open(folder.absolute(from: options.workingFolder)))
                } catch {
                    engine.report(folder, FileError(error, "listing", folder))
                    return []
                }
            }
            return try await engine.saveTargets(tree, former: former, workingFolder: options.workingFolder)
        }
    }

    /// Backs up what `source` gives, as one file at `path`, a name or several with slashes between.
    /// - Parameter atEnd: says whether all came; there is no snapshot if it throws.
    package func run(
        stream source: Descriptor, at path: LocalPath, atEnd: @escaping @Sendable () throws -> Void = {}
    ) async throws -> BackupOutcome {
        let names = path.cleaned.names
        guard !names.isEmpty, names.allSatisfy({ FileName($0).isPlain }) else {
            throw FileError(.invalid, "'\(path)' is no name for the file in the snapshot")
        }
        let absolute = LocalPath(bytes: [slash]).appending(folder: names)
        return try await run(paths: [String(decoding: absolute.bytes, as: UTF8.self)]) { engine, _ in
            let nodes = try await engine.saveStream(source, at: names, time: clock.now(), labels: options.labels)
            try atEnd()
            return nodes
        }
    }

    private func run(
        paths: [String], walk: @escaping @Sendable (BackupEngine, FormerFolder?) async throws -> [Node]
    ) async throws -> BackupOutcome {
        let begin = clock.now()
        let tree: ResticID
        if options.isDryRun {
            tree = try await walkTree(DryRunSink(index: repository.index), walk)
        } else {
            tree = try await repository.withBlobWriter(options.writer) { writer in
                try await walkTree(RepositorySink(index: repository.index, writer: writer), walk)
            }
        }
        let snapshot = makeSnapshot(tree, paths, from: begin, to: clock.now())
        let isUnchanged = options.skipsIfUnchanged && tree == options.parent?.tree
        guard !options.isDryRun, !isUnchanged else {
            return BackupOutcome(snapshotID: nil, snapshot: snapshot, counts: progress.counts)
        }
        let id = try await repository.repository.saveSnapshot(snapshot)
        return BackupOutcome(snapshotID: id, snapshot: snapshot, counts: progress.counts)
    }

    private func walkTree(
        _ sink: any BlobSink, _ walk: @escaping @Sendable (BackupEngine, FormerFolder?) async throws -> [Node]
    ) async throws -> ResticID {
        let repository = repository
        let engine = try BackupEngine(
            sink: sink, trees: { try await repository.loadTree($0) },
            chunker: Chunker(repository.repository.config.polynomial), rules: options.rules,
            detection: options.detection,
            nodes: NodeBuilder(
                accounts: AccountNames(), zones: options.zones, keepsAccessTime: options.keepsAccessTime,
                keepsDeviceOnlyForHardLinks: options.recordsDeviceOnlyForHardLinks),
            workers: options.workers, progress: progress, observer: observer)
        var former: FormerFolder?
        if let parent = options.parent { former = try await engine.former(parent.tree) }
        let nodes = try await walk(engine, former)
        guard !nodes.isEmpty else {
            throw FileError(.empty, "the snapshot would be empty: none of the targets could be read")
        }
        return try await engine.saveTree(nodes, former: former)
    }

    private func makeSnapshot(
        _ tree: ResticID, _ paths: [String], from begin: Timestamp, to end: Timestamp
    ) -> SnapshotFile {
        let labels = options.labels
        var snapshot = SnapshotFile(
            time: NodeTime(labels.time ?? begin, zones: options.zones), tree: tree, paths: paths)
        snapshot.parent = options.parent?.id
        snapshot.hostname = labels.hostname
        snapshot.username = labels.username
        snapshot.userID = labels.userID
        snapshot.groupID = labels.groupID
        snapshot.tags = labels.tags.filter { !$0.isEmpty }
        snapshot.excludes = labels.excludes
        snapshot.programVersion = labels.programVersion
        snapshot.summary = makeSummary(from: begin, to: end)
        return snapshot
    }

    private func makeSummary(from begin: Timestamp, to end: Timestamp) -> SnapshotSummary {
        let counts = progress.counts
        var summary = SnapshotSummary(
            backupStart: NodeTime(begin, zones: options.zones), backupEnd: NodeTime(end, zones: options.zones))
        summary.filesNew = counts.filesNew
        summary.filesChanged = counts.filesChanged
        summary.filesUnmodified = counts.filesUnmodified
        summary.directoriesNew = counts.foldersNew
        summary.directoriesChanged = counts.foldersChanged
        summary.directoriesUnmodified = counts.foldersUnmodified
        summary.dataBlobs = counts.newDataBlobs
        summary.treeBlobs = counts.newTreeBlobs
        summary.dataAdded = counts.addedBytes
        summary.dataAddedPacked = counts.storedBytes
        summary.totalFilesProcessed = counts.files
        summary.totalBytesProcessed = counts.bytes
        return summary
    }
}
