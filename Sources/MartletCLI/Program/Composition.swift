#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif
import Basics
import ObjectStorage

/// The one place where real parts are chosen and joined: clocks, randomness, environment, network, stores.
enum Composition {
    static func context(environment: [String: String], console: Console) -> CommandContext {
        CommandContext(
            environment: environment, console: console, wallClock: WallClock(now: systemTime), clock: ContinuousClock(),
            openStore: { url in throw CommandError(.failed, "no stores yet: \(url)") })
    }

    /// The variables of this process; a name that is set twice keeps its first value, as getenv has it.
    static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {  // Ends at the list's null pointer.
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    private static func systemTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}
