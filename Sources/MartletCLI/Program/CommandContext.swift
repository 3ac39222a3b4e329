package import Basics
package import KubernetesClient
package import ObjectStorage

/// Everything a command needs of the world outside. The program fills it with the real things, tests with others.
package struct CommandContext: Sendable {
    package var environment: [String: String]
    package var console: Console
    package var wallClock: WallClock
    package var clock: any Clock<Duration>
    /// A fresh UUID.
    package var makeUID: @Sendable () -> String
    /// Opens a store with its retries; `forWriting` makes a folder that does not exist.
    package var openStore: @Sendable (_ url: StoreURL, _ forWriting: Bool) async throws -> any ObjectStore
    /// Finds the cluster that the flags mean and makes sure that it answers.
    package var connect: @Sendable (ClusterOptions) async throws -> APIClient
    package var aliases: AliasBook
    /// The stores that the names of these aliases lead to.
    package var makeStores: @Sendable (AliasBook) -> StoreAccess

    /// Who this is, and what the machine has, for `martlet repo`.
    package var repositoryHost = RepositoryHost.none

    package init(
        environment: [String: String], console: Console, wallClock: WallClock, clock: any Clock<Duration>,
        makeUID: @escaping @Sendable () -> String,
        openStore: @escaping @Sendable (_ url: StoreURL, _ forWriting: Bool) async throws -> any ObjectStore,
        connect: @escaping @Sendable (ClusterOptions) async throws -> APIClient,
        aliases: AliasBook = AliasBook(environment: [:], files: .none),
        makeStores: @escaping @Sendable (AliasBook) -> StoreAccess = { _ in .none }
    ) {
        self.environment = environment
        self.console = console
        self.wallClock = wallClock
        self.clock = clock
        self.makeUID = makeUID
        self.openStore = openStore
        self.connect = connect
        self.aliases = aliases
        self.makeStores = makeStores
    }

    package var stores: StoreAccess { makeStores(aliases) }

    /// The stores, with further aliases that are known before all others.
    func stores(knowing added: [String: StoreAlias]) -> StoreAccess { makeStores(aliases.adding(added)) }

    /// Where unpacked archives wait, as files without a name.
    var temporaryFolder: String { environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp" }
}
