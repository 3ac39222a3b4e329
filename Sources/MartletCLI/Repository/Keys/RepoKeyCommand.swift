import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

/// `martlet repo key`: the passwords of a repository.
struct RepoKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "List, add, change and remove the passwords of a repository.",
        discussion: """
            Each key file is one password; all open the same repository. Whoever has once opened it may have kept what all of
            them open: removing a key is no help against that.

            Examples:
              martlet repo key list
              martlet repo key add --new-password-file /root/second-password
              martlet repo key passwd
              martlet repo key remove 2cae9929
            """,
        subcommands: [
            RepoKeyListCommand.self, RepoKeyAddCommand.self, RepoKeyPasswordCommand.self, RepoKeyRemoveCommand.self,
        ]
    )
}

struct RepoKeyListCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys; the one that was used is marked.",
        discussion: """
            Examples:
              martlet repo key list
              martlet repo key list --json
            """
    )

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let keys = try await access.locked(repository, reading.noLock ? nil : .shared) { try await repository.keys() }
        if access.json {
            context.console.line(JSONLine.array(keys.map { json($0).text }))
            return .done
        }
        var table = Table(["", "ID", "USER", "HOST", "CREATED (UTC)"])
        for key in keys {
            table.append([
                key.isCurrent ? "*" : "", key.id.shortDescription, key.file.username, key.file.hostname,
                SnapshotText.time(key.file.created),
            ])
        }
        context.console.write(table.text())
        return .done
    }

    private func json(_ key: StoredKey) -> JSONLine {
        var line = JSONLine()
        line.add("current", key.isCurrent)
        line.add("id", key.id.shortDescription)
        line.add("userName", key.file.username)
        line.add("hostName", key.file.hostname)
        line.add("created", SnapshotText.time(key.file.created))
        return line
    }
}

/// Where the new password comes from.
struct NewPasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file with the new password in it; else MARTLET_NEW_PASSWORD_FILE.", valueName: "file"))
    var newPasswordFile: String?

    @Option(help: ArgumentHelp("A program that prints the new password.", valueName: "command"))
    var newPasswordCommand: String?

    func password(_ context: CommandContext) async throws -> Secret {
        let source = PasswordSource(file: newPasswordFile, command: newPasswordCommand, names: .new)
        return try await source.newPassword(context)
    }
}

struct RepoKeyAddCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a password.",
        discussion: """
            Examples:
              martlet repo key add
              martlet repo key add --new-password-file /root/second-password --user backup --host node-1
            """
    )

    @Option(help: ArgumentHelp("The user to note in the key.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("The host to note in the key.", valueName: "name"))
    var host: String?

    @OptionGroup(title: "New password") var new: NewPasswordOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let id = try await repository.addKey(
            password: try await new.password(context), parameters: context.repositoryHost.keyParameters,
            username: user, hostname: host)
        context.console.line("added the key \(id.shortDescription)")
        return .done
    }
}

struct RepoKeyPasswordCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd",
        abstract: "Replace the password that was used by another one.",
        discussion: """
            Examples:
              martlet repo key passwd
              martlet repo key passwd --new-password-file /root/new-password
            """
    )

    @OptionGroup(title: "New password") var new: NewPasswordOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let password = try await new.password(context)
        try await access.locked(repository, .exclusive) {
            let id = try await repository.changePassword(
                to: password, parameters: context.repositoryHost.keyParameters)
            context.console.line("the key is now \(id.shortDescription)")
        }
        return .done
    }
}

struct RepoKeyRemoveCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a password, never the one that was used.",
        discussion: """
            Examples:
              martlet repo key remove 2cae9929
            """
    )

    @Argument(help: ArgumentHelp("The beginning of the key's id.", valueName: "id"))
    var name: String

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        try await access.locked(repository, .exclusive) {
            let id = try await repository.resolve(name, .key)
            guard id != repository.keyID else {
                throw CommandError.usage(
                    "the key \(id.shortDescription) is the one that opened the repository",
                    advice: "Use another password to remove it, or change it: 'martlet repo key passwd'.")
            }
            try await repository.removeKey(id)
            context.console.line("removed the key \(id.shortDescription)")
        }
        return .done
    }
}
