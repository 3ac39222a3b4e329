import Basics
import Glibc
import ResticFormat
import ResticRepository
import Synchronization

/// Carries out a plan.
///
/// Folders first; then content, pack by pack in the order of first use, each blob written to all its places as it arrives;
/// then links, devices and pipes; then deletions; metadata of folders last, deepest first. A file's metadata is set with its
/// last byte.
final class RestoreEngine: Sendable {
    /// Items that one task takes on.
    static let batch = 128

    let plan: RestorePlan
    let target: RestoreTarget
    let options: RestoreOptions
    let repository: IndexedRepository
    let metadata: MetadataWriter
    let progress: RestoreProgress
    let observer: RestoreObserver?
    let workers: Int
    let files: OpenRestoredFiles
    /// Folders and items that failed, and are not touched any more.
    private let failed = Mutex<(folders: Set<Int>, items: Set<Int>)>(([], []))

    init(
        plan: RestorePlan, target: RestoreTarget, options: RestoreOptions, repository: IndexedRepository,
        workers: Int, progress: RestoreProgress, observer: RestoreObserver?
    ) throws(FileError) {
        self.plan = plan
        self.target = target
        self.options = options
        self.repository = repository
        self.workers = workers
        self.progress = progress
        self.observer = observer
        metadata = MetadataWriter(
            ownership: options.ownership, attributes: try options.attributes.compiled(), accounts: AccountNames())
        files = OpenRestoredFiles()
    }

    func run() async throws {
        for problem in plan.problems { report(problem.path, problem.error) }
        progress.update { [plan] counts in
            for item in plan.items where item.node.kind == .file {
                counts.totalFiles += 1
                counts.totalBytes += item.node.size
            }
        }
        try makeFolders()
        let content = try await prepareFiles()
        try await write(content)
        try await makeOthers()
        try deleteOthers()
        try finishFolders()
        if options.verifies { try await verify() }
    }

    // MARK: Problems

    func report(_ path: LocalPath, _ error: FileError) {
        progress.update { $0.problems += 1 }
        observer?(.problem(ItemProblem(path, error)))
    }

    /// Notes that the item at `place` failed; only the first failure of an item is told.
    func fail(item place: Int, _ error: FileError) {
        guard failed.withLock({ $0.items.insert(place).inserted }) else { return }
        report(plan.path(of: plan.items[place]), error)
    }

    func fail(item place: Int, _ doing: String, _ error: SystemError) {
        fail(item: place, FileError(error, doing, plan.path(of: plan.items[place])))
    }

    func hasFailed(item place: Int) -> Bool {
        failed.withLock { $0.items.contains(place) || $0.folders.contains(plan.items[place].folder) }
    }

    // MARK: Folders

    func folder(_ place: Int) throws(SystemError) -> Descriptor {
        try target.folder(place) { plan.path(ofFolder: place) }
    }

    private func makeFolders() throws {
        for (place, folder) in plan.folders.enumerated() {
            guard let parent = folder.parent else { continue }
            if place % RestoreEngine.batch == 0 { try Task.checkCancellation() }
            do throws(SystemError) {
                if failed.withLock({ $0.folders.contains(parent) }) {
                    failed.withLock { _ = $0.folders.insert(place) }
                    continue
                }
                if folder.action == .keep { continue }
                let above = try self.folder(parent)
                if folder.action == .replace { try above.remove(folder.name, isFolder: false) }
                target.keep(try above.makeFolder(folder.name), at: place)
            } catch {
                failed.withLock { _ = $0.folders.insert(place) }
                let path = LocalPath(bytes: [slash]).appending(folder: plan.path(ofFolder: place))
                report(path, FileError(error, "making the folder", path))
            }
        }
    }

    /// Removes what the snapshot does not have, where the plan says so.
    private func deleteOthers() throws {
        for (place, folder) in plan.folders.enumerated() where !folder.deletions.isEmpty {
            try Task.checkCancellation()
            let names = plan.path(ofFolder: place)
            let scope = names.reduce(SelectionScope(options.selection)) { $0.entering($1) }
            for name in folder.deletions {
                let path = LocalPath(bytes: [slash]).appending(folder: names).appending(name)
                do throws(SystemError) {
                    try self.folder(place).removeTree(name, scope) { progress.update { $0.deleted += 1 } }
                    observer?(.finished(RestorePlan.Line(verb: .delete, path: path, kind: .unknown, size: 0)))
                } catch {
                    report(path, FileError(error, "removing", path))
                }
            }
        }
    }

    /// Deepest first: what happens in a folder changes its times.
    private func finishFolders() throws {
        for place in plan.folders.indices.reversed() {
            guard let node = plan.folders[place].node, !failed.withLock({ $0.folders.contains(place) }) else {
                continue
            }
            do throws(SystemError) {
                try metadata.write(node, to: try folder(place))
            } catch {
                let path = LocalPath(bytes: [slash]).appending(folder: plan.path(ofFolder: place))
                report(path, FileError(error, "setting the metadata of", path))
            }
        }
    }
}
