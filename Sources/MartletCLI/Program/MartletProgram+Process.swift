import Basics
import Glibc

extension MartletProgram {
    /// Runs this process's command line and ends the process. Interrupted once, the command is cancelled and stops
    /// cleanly; twice, the process leaves.
    package static func runProcess() async -> Never {
        signal(SIGPIPE, SIG_IGN)  // A reader that has gone is no reason to die: writing says so.
        let composition = Composition()
        let console = Console.standard(environment: composition.environment)
        let context = composition.context(console: console)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let task = Task(name: "command") { await run(arguments, in: context) }
        Interruption.install {
            console.note("interrupted: stopping cleanly; interrupt again to leave at once")
            task.cancel()
        }
        let status = await task.value
        await composition.transports.closeAll()
        exit(status.rawValue)
    }
}
