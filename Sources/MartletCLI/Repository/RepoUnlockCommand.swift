import ArgumentParser
import ResticRepository

struct RepoUnlockCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Remove locks that nobody holds any more.",
        discussion: """
            A lock is old after half an hour without a sign of life, or when its process has ended on this machine.

            Examples:
              martlet repo unlock --repo /srv/repository
              martlet repo unlock --remove-all
            """
    )

    @Flag(help: "Remove all locks. Only if you know that nobody is at work.")
    var removeAll = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let count = try await access.open(context).unlock(all: removeAll)
        if access.json {
            var line = JSONLine()
            line.add("message_type", "unlocked")
            line.add("removed_locks", Int64(count))
            context.console.line(line.text)
        } else {
            context.console.line(count == 1 ? "removed 1 lock" : "removed \(count) locks")
        }
        return .done
    }
}
