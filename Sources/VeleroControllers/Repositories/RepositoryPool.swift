internal import Basics
package import ObjectStorage
internal import ResticFormat
package import ResticRepository
internal import VeleroAPI

/// A storage location as the work on volumes needs it.
package struct OpenedLocation: Sendable {
    /// The root of the location.
    package let store: any ObjectStore
    /// What Velero writes before `/NAMESPACE` into `repoIdentifier`: `s3:http://HOST/BUCKET/PREFIX/restic`.
    package let repositoryPrefix: String
    package let isReadOnly: Bool

    package init(store: any ObjectStore, repositoryPrefix: String, isReadOnly: Bool = false) {
        self.store = store
        self.repositoryPrefix = repositoryPrefix
        self.isReadOnly = isReadOnly
    }
}

/// The repositories that this process works with: each is opened once (half a second of deliberate work), and whoever works in
/// one at the same time shares the loaded index. What each adds is known to it alone until it is stored.
///
/// The index is dropped when nobody works any more: without a lock somebody else may prune. Memory: the index of each
/// repository in use.
package actor RepositoryPool {
    /// A repository of volumes.
    package struct Place: Sendable, Hashable {
        package let location: String
        package let namespace: String

        package init(location: String, namespace: String) {
            self.location = location
            self.namespace = namespace
        }
    }

    private struct Use {
        var users = 0
        var index: Task<IndexedRepository, any Error>?
    }

    private let open: @Sendable (_ location: String) async throws -> OpenedLocation
    private let key: @Sendable () async throws -> RepositoryKey
    private let options: RepositoryOptions
    private let environment: RepositoryEnvironment
    private var repositories: [Place: Task<Repository, any Error>] = [:]
    private var uses: [Place: Use] = [:]

    /// How long to wait for somebody who prunes.
    private static let patience = Duration.seconds(600)

    /// - Parameters:
    ///   - open: gives a location, each time anew; its keys may have changed.
    ///   - key: asked when a repository is opened.
    ///   - options: of repositories that are made.
    package init(
        open: @escaping @Sendable (_ location: String) async throws -> OpenedLocation,
        key: @escaping @Sendable () async throws -> RepositoryKey, options: RepositoryOptions = RepositoryOptions(),
        environment: RepositoryEnvironment
    ) {
        self.open = open
        self.key = key
        self.options = options
        self.environment = environment
    }

    package func identifier(of place: Place) async throws -> String {
        "\(try await open(place.location).repositoryPrefix)/\(place.namespace)"
    }

    /// Runs `body` on an open repository, under a shared lock; without one where only reading is wanted and permitted.
    ///
    /// - Parameter creates: makes the repository if there is none.
    /// - Throws: what opening and `body` throw.
    package func use<Result: Sendable>(
        _ place: Place, creates: Bool, _ body: @escaping @Sendable (IndexedRepository) async throws -> Result
    ) async throws -> Result {
        let repository = try await repository(place, creates: creates)
        let work: @Sendable () async throws -> Result = { try await self.working(place, repository, body) }
        do {
            return try await repository.withLock(.shared, patience: RepositoryPool.patience, work)
        } catch {
            guard !creates, RepositoryPool.isReadOnly(error) else {
                // A store that failed may be another tomorrow: new keys, a new address.
                if (error as? RepositoryError)?.code == .store { repositories[place] = nil }
                throw error
            }
        }
        // Who may not write cannot lock either: as with restic's --no-lock, somebody else may prune meanwhile.
        return try await work()
    }

    private func working<Result: Sendable>(
        _ place: Place, _ repository: Repository, _ body: @Sendable (IndexedRepository) async throws -> Result
    ) async throws -> Result {
        let indexed = try await enter(place, repository).separated()
        do {
            let result = try await body(indexed)
            leave(place)
            return result
        } catch {
            leave(place)
            throw error
        }
    }

    /// Whether the lock could not be written because nothing can be written here.
    private static func isReadOnly(_ error: any Error) -> Bool {
        guard let error = error as? RepositoryError, let cause = error.cause as? StoreError else { return false }
        return cause.code == .forbidden || cause.code == .unsupported
    }

    /// The open repository, for work under other locks.
    package func repository(_ place: Place, creates: Bool) async throws -> Repository {
        if let known = repositories[place] { return try await known.value }
        let (open, key, options, environment) = (open, key, options, environment)
        let opening = Task {
            try await RepositoryPool.open(
                place, in: try await open(place.location), try await key(), creates ? options : nil, environment)
        }
        repositories[place] = opening
        do {
            return try await opening.value
        } catch {
            repositories[place] = nil  // The next one tries again.
            throw error
        }
    }

    private static func open(
        _ place: Place, in location: OpenedLocation, _ key: RepositoryKey, _ options: RepositoryOptions?,
        _ environment: RepositoryEnvironment
    ) async throws -> Repository {
        let store = PrefixStore(location.store, prefix: BackupLayout.resticRepository(of: place.namespace) + "/")
        let absence: RepositoryError
        do {
            return try await Repository.open(store, password: key.password, environment: environment)
        } catch {
            if error.code == .wrongKey, !key.mayCreate {
                throw ControllerError(
                    .noPassword, "the repository of namespace \(place.namespace) needs a password, and none was given",
                    cause: error)
            }
            guard error.code == .noRepository else { throw error }
            absence = error
        }
        guard let options, !location.isReadOnly else { throw absence }
        guard key.mayCreate else {
            throw ControllerError(
                .noPassword,
                "there is no repository for namespace \(place.namespace) yet, and no password to make one with",
                cause: nil)
        }
        do {
            return try await Repository.initialize(
                in: store, password: key.password, options: options, environment: environment)
        } catch {
            guard error.code == .exists else { throw error }
        }
        // Another node was faster.
        return try await Repository.open(store, password: key.password, environment: environment)
    }

    /// The shared index. Called under a lock, so that what it names stays.
    private func enter(_ place: Place, _ repository: Repository) async throws -> IndexedRepository {
        uses[place, default: Use()].users += 1
        let index: Task<IndexedRepository, any Error>
        if let known = uses[place]?.index {
            index = known
        } else {
            index = Task { try await repository.loadIndex() }
            uses[place]?.index = index
        }
        do {
            return try await index.value
        } catch {
            uses[place]?.index = nil
            leave(place)
            throw error
        }
    }

    private func leave(_ place: Place) {
        guard var use = uses[place] else { return }
        use.users -= 1
        uses[place] = use.users > 0 ? use : nil
    }
}
