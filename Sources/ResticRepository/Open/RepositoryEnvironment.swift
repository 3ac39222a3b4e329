package import Basics

/// What a repository needs to know of the world around it.
package struct RepositoryEnvironment: Sendable {
    package var clock: WallClock
    /// For the pauses of locks.
    package var pauses: any Clock<Duration>
    /// Who this process is, for lock files and keys.
    package var owner: LockOwner
    /// Whether the writer of a lock ended for certain. Asked for each lock that is in the way; a service that knows which
    /// pods are gone answers for them.
    package var ownerState: @Sendable (LockOwner) async -> OwnerState
    /// East of Greenwich, in seconds: what the clocks here show at an instant, for times in files.
    package var zoneOffset: @Sendable (Timestamp) -> Int32

    package init(
        clock: WallClock, pauses: any Clock<Duration> = ContinuousClock(), owner: LockOwner,
        ownerState: @escaping @Sendable (LockOwner) async -> OwnerState = { _ in .unknown },
        zoneOffset: @escaping @Sendable (Timestamp) -> Int32 = { _ in 0 }
    ) {
        self.clock = clock
        self.pauses = pauses
        self.owner = owner
        self.ownerState = ownerState
        self.zoneOffset = zoneOffset
    }
}
