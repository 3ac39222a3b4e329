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

    /// The same files in a store of their own.
    func copied() async throws -> InMemoryObjectStore {
        let copy = InMemoryObjectStore()
        for try await object in store.objects(prefix: "") {
            let bytes = try await store.read(object.key, limit: .mebibytes(64))
            _ = try await copy.put(bytes, at: object.key, options: PutOptions())
        }
        return copy
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
        _ change: (inout BackupOptions) throws -> Void = { _ in }, observer: BackupObserver? = nil
    ) async throws -> BackupOutcome {
        var options = BackupOptions()
        options.workingFolder = LocalPath(folder)
        options.parent = parent.flatMap { outcome in
            outcome.snapshotID.map { ParentSnapshot(id: $0, tree: outcome.snapshot.tree) }
        }
        try change(&options)
        return try await TreeBackup(indexed, options: options, clock: environment.clock, observer: observer).run(
            targets)
    }

    @discardableResult
    func restore(
        _ tree: ResticID, to folder: String, _ change: (inout RestoreOptions) throws -> Void = { _ in },
        observer: RestoreObserver? = nil
    ) async throws -> RestoreCounts {
        var options = RestoreOptions()
        try change(&options)
        return try await TreeRestore(indexed, options: options, observer: observer).run(tree, into: LocalPath(folder))
    }

    /// All paths of a snapshot, in their order.
    func paths(of tree: ResticID) async throws -> [String] {
        var paths: [String] = []
        try await SnapshotWalk(trees: trees).run(tree) { visit in
            paths.append(String(decoding: visit.path.bytes, as: UTF8.self))
            return .descend
        }
        return paths
    }

    /// Everything in the store.
    func keys() async throws -> [String] {
        var keys: [String] = []
        for try await object in store.objects(prefix: "") { keys.append(object.key.text) }
        return keys
    }

    /// Removes a pack, unless the tree `kept` lies in it.
    func removeIfData(_ key: String, _ kept: ResticID) async throws {
        let pack = indexed.index.location(of: BlobHandle(.tree, kept))?.pack.description
        if let pack, key.hasSuffix(pack) { return }
        if let object = ObjectKey(key) { _ = try await store.delete([object]) }
    }

    var trees: TreeSource {
        let indexed = indexed
        return { try await indexed.loadTree($0) }
    }
}
