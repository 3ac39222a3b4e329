/// What the program tells its caller when it ends. The numbers are a contract: documented in docs/commands.md, tested,
/// never reused. A caller should treat a number that it does not know as a failure.
package enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
    case done = 0
    case failed = 1
    /// The command line, a file it names, or the credentials are wrong: the same command will fail again.
    case usage = 2
    /// Something was done and something was not; the output names what was not.
    case partlyFailed = 3
    /// The cluster or the store did not answer: the same command may succeed later.
    case unreachable = 4
    case notFound = 5
    case noRepository = 10
    case locked = 11
    case wrongKey = 12
    /// What is stored differs from what was written.
    case damaged = 13
    case timedOut = 124
    case interrupted = 130

    /// One line for the manual.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "usage or configuration: a wrong flag, file or credential"
        case .partlyFailed: "partly failed: the output names what was not done, or what differs"
        case .unreachable: "the cluster or the store cannot be reached"
        case .notFound: "not found: no such backup, bucket or object"
        case .noRepository: "no repository there"
        case .locked: "the repository, or the target of a mirror, is locked by another process"
        case .wrongKey: "wrong key or password"
        case .damaged: "damage found: what is stored differs from what was written"
        case .timedOut: "timed out"
        case .interrupted: "interrupted"
        }
    }
}
