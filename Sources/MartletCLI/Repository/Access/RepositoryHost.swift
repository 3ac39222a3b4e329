package import Basics
package import ResticFormat
package import ResticRepository

/// What the commands of `martlet repo` need of the machine: who this is, files, programs. Passed in, so that tests choose.
package struct RepositoryHost: Sendable {
    /// For locks and keys.
    package var owner: LockOwner
    package var ownerState: @Sendable (LockOwner) async -> OwnerState
    /// Seconds east of UTC that the clocks here show at an instant.
    package var zoneOffset: @Sendable (Timestamp) -> Int32
    /// What a new key costs.
    package var keyParameters: ScryptParameters
    /// The contents of a small file; nil if there is none.
    package var readFile: @Sendable (_ path: String) throws -> [UInt8]?
    /// What a program prints. The first word is a path, or a name to look for in `PATH`.
    package var runProgram:
        @Sendable (_ words: [String]) async throws -> (exitCode: Int, output: Secret, errors: String)

    package init(
        owner: LockOwner, ownerState: @escaping @Sendable (LockOwner) async -> OwnerState = { _ in .unknown },
        zoneOffset: @escaping @Sendable (Timestamp) -> Int32 = { _ in 0 },
        keyParameters: ScryptParameters = .standard,
        readFile: @escaping @Sendable (_ path: String) throws -> [UInt8]?,
        runProgram:
            @escaping @Sendable (_ words: [String]) async throws -> (
                exitCode: Int, output: Secret, errors: String
            )
    ) {
        self.owner = owner
        self.ownerState = ownerState
        self.zoneOffset = zoneOffset
        self.keyParameters = keyParameters
        self.readFile = readFile
        self.runProgram = runProgram
    }

    /// Nobody on no machine, for contexts that have none.
    package static let none = RepositoryHost(
        owner: LockOwner(hostname: "", username: "", pid: 0), readFile: { _ in nil },
        runProgram: { _ in (127, Secret(""), "there are no programs here") })
}
