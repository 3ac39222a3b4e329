import Basics
import FileSystemBackup
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository

/// A repository for tests: cheap to open, with a clock of its own.
struct TestRepository: Sendable {
    static let password = "correct horse"

    let store: any ObjectStore
    let environment: RepositoryEnvironment
    let indexed: IndexedRepository

    /// A new one in memory, or in the folder `path`.
    init(in path: String? = nil, version: RepositoryVersion = .v2) async throws {
        store = if let path { try FolderObjectStore(path: path, creates: true) } else { InMemoryObjectStore() }
        environment = TestRepository.environment
        var options = RepositoryOptions()
        options.version = version
        options.keyParameters = .cheap
        let repository = try await Repository.initialize(
            in: store, password: Secret(TestRepository.password), options: options, environment: environment)
        indexed = try await repository.loadIndex()
    }

    /// An existing one, with the index as it is now.
    init(opening store: any ObjectStore) async throws {
        self.store = store
        environment = TestRepository.environment
        let repository = try await Repository.open(
            store, password: Secret(TestRepository.password), environment: environment)
        indexed = try await repository.loadIndex()
    }

    /// The same repository, opened anew.
    func reopened() async throws -> TestRepository { try await TestRepository(opening: store) }

    private static var environment: RepositoryEnvironment {
        RepositoryEnvironment(
            clock: WallClock { Timestamp(seconds: 1_790_000_000, nanoseconds: 123_456_789) },
            owner: LockOwner(hostname: "test", username: "tester", pid: 1))
    }

    /// Backs up the entries of `folder`, as `martlet repo backup .` does in it.
    @discardableResult
    func backUp(
        _ folder: String, targets: [LocalPath] = ["."], parent: BackupOutcome? = nil,
        _ change: (inout BackupOptions) -> Void = { _ in }
    ) async throws -> BackupOutcome {
        var options = BackupOptions()
        options.workingFolder = LocalPath(folder)
        options.parent = parent.flatMap { outcome in
            outcome.snapshotID.map { ParentSnapshot(id: $0, tree: outcome.snapshot.tree) }
        }
        change(&options)
        return try await TreeBackup(indexed, options: options, clock: environment.clock).run(targets)
    }

    @discardableResult
    func restore(
        _ tree: ResticID, to folder: String, _ change: (inout RestoreOptions) -> Void = { _ in }
    ) async throws -> RestoreCounts {
        var options = RestoreOptions()
        change(&options)
        return try await TreeRestore(indexed, options: options).run(tree, into: LocalPath(folder))
    }

    var trees: TreeSource {
        let indexed = indexed
        return { try await indexed.loadTree($0) }
    }
}
