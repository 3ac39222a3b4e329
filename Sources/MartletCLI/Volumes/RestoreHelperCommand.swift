import ArgumentParser
import VeleroControllers

struct RestoreHelperCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore-helper",
        abstract: "In a restored pod: wait until its volumes are filled.",
        discussion: """
            Runs as the first container of restored pods and ends when the file .velero/UID is in every volume. It needs no
            rights in the cluster.

            Example:
              martlet restore-helper 2d1c1c3e-5b6f-4d52-9f0a-3f2f4d7d5a10
            """
    )

    @Argument(help: ArgumentHelp("The uid of the restore.", valueName: "uid"))
    var restoreUID: String

    @Option(help: ArgumentHelp("The folder whose folders are the volumes.", valueName: "folder"))
    var folder = "/restores"

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await RestoreWatch(folder: folder, restoreUID: restoreUID).run(clock: context.clock) { line in
            context.console.note(line)
        }
        return .done
    }
}
