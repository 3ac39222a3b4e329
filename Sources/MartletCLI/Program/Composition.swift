import Basics
import Glibc
import KubernetesClient
import ObjectStorage

/// The one place where real parts are chosen and joined: clocks, randomness, environment, network, stores.
struct Composition: Sendable {
    let environment: [String: String]
    let workingFolder: String
    let wallClock = WallClock(now: Composition.systemTime)
    let transports = OpenTransports()
    private var chosenAliases: AliasBook?

    /// This process's surroundings.
    init() {
        environment = Composition.processEnvironment()
        workingFolder = Composition.currentFolder()
    }

    /// What finding a cluster needs of the machine.
    var machine: Machine {
        Machine.host(
            environment: environment, workingFolder: workingFolder, isInteractive: isatty(0) == 1, clock: wallClock)
    }

    func context(console: Console) -> CommandContext {
        var context = CommandContext(
            environment: environment, console: console, wallClock: wallClock, clock: ContinuousClock(),
            makeUID: Composition.makeUID, openStore: openStore, connect: connect, aliases: aliases,
            makeStores: { knowing($0).storeAccess })
        context.repositoryHost = repositoryHost
        return context
    }

    /// The same, with other aliases.
    private func knowing(_ aliases: AliasBook) -> Composition {
        var composition = self
        composition.chosenAliases = aliases
        return composition
    }

    var aliases: AliasBook {
        chosenAliases
            ?? AliasBook(
                environment: environment,
                files: ConfigurationFiles(
                    read: { try HostFile.read(absolute($0)) }, write: { try HostFile.write(absolute($0), $1) }))
    }

    /// The variables of this process; a name that is set twice keeps its first value, as getenv has it.
    private static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {  // Ends at the list's null pointer.
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    private static func currentFolder() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func systemTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    /// A random UUID. Source: RFC 9562, section 5.4.
    private static func makeUID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array(Hex.encode(bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}
