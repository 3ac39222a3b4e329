import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoInitCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a repository.",
        discussion: """
            The password cannot be recovered: without it nobody reads what the repository holds.

            Examples:
              martlet repo init --repo /srv/repository
              martlet repo init --repo 's3://BUCKET/volumes?endpoint=https://HOST:PORT' --password-file /root/password
              martlet repo init --repo /srv/second --copy-chunker-params --from-repo /srv/repository
            """
    )

    @Option(
        help: ArgumentHelp("The format's version: 1 for restic before 0.14, which cannot compress.", valueName: "1|2"))
    var repositoryVersion = "2"

    @Flag(help: "Cut files where the repository of --from-repo does, so that copies between the two share pieces.")
    var copyChunkerParams = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions
    @OptionGroup(title: "Second repository") var from: SecondRepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        var options = ResticRepository.RepositoryOptions()
        options.keyParameters = context.repositoryHost.keyParameters
        options.version = try version()
        if copyChunkerParams { options.polynomial = try await from.open(context).config.polynomial }
        let url = try access.location(context)
        let password = try await newPassword(context)
        let store = try await context.openStore(url, true)
        let repository = try await Repository.initialize(
            in: store, password: password, options: options, environment: context.repositoryEnvironment)
        if access.json {
            var line = JSONLine()
            line.add("message_type", "initialized")
            line.add("id", repository.config.id.description)
            line.add("repository", url.description)
            context.console.line(line.text)
        } else {
            context.console.line("created the repository \(repository.config.id.shortDescription) in \(url)")
            context.console.note("Keep the password: without it nobody reads what the repository holds.")
        }
        return .done
    }

    private func version() throws -> RepositoryVersion {
        switch repositoryVersion {
        case "1": return .v1
        case "2", "stable", "latest": return .v2
        default: throw CommandError.usage("the version of a repository is 1 or 2, not '\(repositoryVersion)'")
        }
    }

    /// Asked for twice where a person types it.
    private func newPassword(_ context: CommandContext) async throws -> Secret {
        try await access.passwordSource.newPassword(context)
    }
}
