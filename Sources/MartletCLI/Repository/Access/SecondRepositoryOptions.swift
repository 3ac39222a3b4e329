import ArgumentParser
import ResticFormat
import ResticRepository

/// Another repository beside the one that the command is about. Source: restic's `--from-…` flags.
struct SecondRepositoryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The other repository; else RESTIC_FROM_REPOSITORY.", valueName: "store"))
    var fromRepo: String?

    @Option(
        help: ArgumentHelp(
            "A file with the other repository in it; else RESTIC_FROM_REPOSITORY_FILE.", valueName: "file"))
    var fromRepositoryFile: String?

    @Option(help: ArgumentHelp("A file with its password; else RESTIC_FROM_PASSWORD_FILE.", valueName: "file"))
    var fromPasswordFile: String?

    @Option(help: ArgumentHelp("A program that prints it; else RESTIC_FROM_PASSWORD_COMMAND.", valueName: "command"))
    var fromPasswordCommand: String?

    @Option(help: ArgumentHelp("Its key to try first; else RESTIC_FROM_KEY_HINT.", valueName: "id"))
    var fromKeyHint: String?

    /// - Throws: `.usage` if it was not named; `.noRepository`, `.wrongKey`.
    func open(_ context: CommandContext) async throws -> Repository {
        let place = RepositoryNaming(
            place: fromRepo, file: fromRepositoryFile, flag: "--from-repo", fileFlag: "--from-repository-file",
            variable: "RESTIC_FROM_REPOSITORY")
        let url = try place.location(context)
        let source = PasswordSource(file: fromPasswordFile, command: fromPasswordCommand, names: .from)
        let store = try await RepositoryOptions.openStore(url, context)
        let password = try await source.password(context, question: "Password of the other repository:")
        let hint = fromKeyHint ?? context.environment["RESTIC_FROM_KEY_HINT"]
        return try await Repository.open(
            store, password: password, keyHint: try await RepositoryOptions.key(hint, in: store),
            environment: context.repositoryEnvironment)
    }
}
