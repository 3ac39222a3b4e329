import Basics
import Glibc
import KubernetesClient
import ResticRepository

extension Composition {
    /// This process and this machine, as repositories and their locks see them.
    var repositoryHost: RepositoryHost {
        let owner = Composition.lockOwner()
        let machine = machine
        return RepositoryHost(
            owner: owner, ownerState: { Composition.state(of: $0, on: owner.hostname) },
            zoneOffset: Composition.zoneOffset,
            readFile: { [workingFolder] path in
                try machine.readFile(path.hasPrefix("/") ? path : "\(workingFolder)/\(path)")
            },
            runProgram: { [environment] words in
                let command = PluginCommand(
                    program: words[0], arguments: Array(words.dropFirst()), environment: environment,
                    isInteractive: machine.isInteractive)
                let result = try await machine.runPlugin(command)
                return (result.exitCode, result.output, result.errors)
            })
    }

    private static func lockOwner() -> LockOwner {
        LockOwner(hostname: hostname(), username: username(), pid: getpid(), uid: geteuid(), gid: getegid())
    }

    private static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    private static func username() -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Long enough for every entry of a sane passwd file; a longer one leaves the name empty.
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "" }
        return String(cString: entry.pw_name)
    }

    /// A process of this host name that is not here ended, unless the name belongs to several machines.
    private static func state(of owner: LockOwner, on hostname: String) -> OwnerState {
        guard owner.hostname == hostname, owner.pid > 0 else { return .unknown }
        return kill(owner.pid, 0) != 0 && errno == ESRCH ? .probablyGone : .unknown
    }

    private static func zoneOffset(_ instant: Timestamp) -> Int32 {
        var seconds = time_t(instant.seconds)
        var local = tm()
        guard localtime_r(&seconds, &local) != nil else { return 0 }
        return Int32(clamping: local.tm_gmtoff)
    }
}
