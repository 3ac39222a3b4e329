import Basics
import Glibc
import KubernetesClient
import ResticRepository

extension Composition {
    /// This process and this machine, as repositories and their locks see them.
    var repositoryHost: RepositoryHost {
        let machine = machine
        return RepositoryHost(
            owner: LocalProcess.owner(), ownerState: { LocalProcess.state(of: $0) },
            zoneOffset: { Composition.zoneOffset($0) },
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

    private static func zoneOffset(_ instant: Timestamp) -> Int32 {
        var seconds = time_t(instant.seconds)
        var local = tm()
        guard localtime_r(&seconds, &local) != nil else { return 0 }
        return Int32(clamping: local.tm_gmtoff)
    }
}
