package import Basics
package import ObjectStorage

/// Everything a command needs of the world outside. The program fills it with the real things, tests with others.
package struct CommandContext: Sendable {
    package var environment: [String: String]
    package var console: Console
    package var wallClock: WallClock
    package var clock: any Clock<Duration>
    /// Opens a store with its retries.
    package var openStore: @Sendable (StoreURL) async throws -> any ObjectStore

    package init(
        environment: [String: String], console: Console, wallClock: WallClock, clock: any Clock<Duration>,
        openStore: @escaping @Sendable (StoreURL) async throws -> any ObjectStore
    ) {
        self.environment = environment
        self.console = console
        self.wallClock = wallClock
        self.clock = clock
        self.openStore = openStore
    }
}
