import Basics
package import ResticFormat
package import ResticRepository

/// Brings a snapshot, or a folder of one, back into a folder of this machine.
///
/// Whoever calls holds a shared lock on the repository. May be run again after any failure. Memory: the plan, 48 bytes a
/// blob, and for each worker what the repository reads at once.
package struct TreeRestore: Sendable {
    package let repository: IndexedRepository
    package let options: RestoreOptions
    /// Tasks that read packs and write files.
    package var workers = Processors.count
    package let progress = RestoreProgress()
    package var observer: RestoreObserver?

    package init(_ repository: IndexedRepository, options: RestoreOptions, observer: RestoreObserver? = nil) {
        self.repository = repository
        self.options = options
        self.observer = observer
    }

    /// What `run` would do with the entries of the tree `root`. Writes nothing, makes no target.
    /// - Throws: `FileError` `.invalid` for options that make no sense; what the repository throws for `root` itself.
    package func plan(_ root: ResticID, into target: LocalPath) async throws -> RestorePlan {
        try options.check(target: target)
        return try await plan(root, RestoreTarget(existing: target))
    }

    /// Restores the entries of the tree `root` into `target`, which is made if need be.
    ///
    /// - Returns: the counts; with problems among them the restore is not complete, and the exit code is 1.
    /// - Throws: as `plan`, and `FileError` if the target cannot be opened.
    package func run(_ root: ResticID, into target: LocalPath) async throws -> RestoreCounts {
        try options.check(target: target)
        let opened = try RestoreTarget(path: target)
        let plan = try await plan(root, opened)
        let engine = try RestoreEngine(
            plan: plan, target: opened, options: options, repository: repository, workers: workers, progress: progress,
            observer: observer)
        try await engine.run()
        return progress.counts
    }

    private func plan(_ root: ResticID, _ target: RestoreTarget?) async throws -> RestorePlan {
        let repository = repository
        let planner = RestorePlanner(options: options, trees: { try await repository.loadTree($0) }, target: target)
        return try await planner.plan(root)
    }
}
