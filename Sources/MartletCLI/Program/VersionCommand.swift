import ArgumentParser

/// What this program is.
enum Version {
    static let text = "0.1.0"
}

struct VersionCommand: RunnableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run(in context: CommandContext) async throws -> ExitStatus {
        context.console.line("martlet \(Version.text)")
        return .done
    }
}
