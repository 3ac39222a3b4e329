import ArgumentParser
import Basics
import ObjectStorage
import ResticFormat
import ResticRepository

/// A command of `martlet repo`.
protocol RepositoryCommand: RunnableCommand {
    var access: RepositoryOptions { get }
    /// - Returns, throws: as `run(in:)`.
    func perform(in context: CommandContext) async throws -> ExitStatus
}

extension RepositoryCommand {
    /// With `--json` a failure is a JSON object too, on standard error, as restic's.
    func run(in context: CommandContext) async throws -> ExitStatus {
        guard access.json else { return try await perform(in: context) }
        do {
            return try await perform(in: context)
        } catch {
            let report = ErrorReport(error)
            var line = JSONLine()
            line.add("message_type", "exit_error")
            line.add("code", Int64(report.status.rawValue))
            line.add("message", "Fatal: " + report.lines.joined(separator: ": "))
            context.console.note(line.text)
            return report.status
        }
    }
}

extension RepositoryOptions {
    /// The store that the flags or the variables name.
    /// - Throws: `.usage`
    func location(_ context: CommandContext) throws -> StoreURL {
        if repository != nil, repositoryFile != nil {
            throw CommandError.usage("--repo and --repository-file are both given; one is enough")
        }
        if let repository { return try RepositoryLocation.parse(repository) }
        if let repositoryFile { return try location(inFile: repositoryFile, context) }
        if let text = context.environment["RESTIC_REPOSITORY"], !text.isEmpty {
            return try RepositoryLocation.parse(text)
        }
        if let file = context.environment["RESTIC_REPOSITORY_FILE"], !file.isEmpty {
            return try location(inFile: file, context)
        }
        throw CommandError.usage(
            "no repository was named",
            advice:
                "Name it with --repo or in RESTIC_REPOSITORY: '/DIR', 's3://BUCKET/PREFIX?endpoint=https://HOST:PORT'.")
    }

    private func location(inFile path: String, _ context: CommandContext) throws -> StoreURL {
        guard let bytes = try context.repositoryHost.readFile(path) else {
            throw CommandError.usage("there is no file '\(path)' that could name the repository")
        }
        return try RepositoryLocation.parse(String(decoding: bytes, as: UTF8.self).trimmed)
    }

    var passwordSource: PasswordSource { PasswordSource(file: passwordFile, command: passwordCommand) }

    /// Opens the repository: asks for the password, tries the keys.
    func open(_ context: CommandContext) async throws -> Repository {
        let url = try location(context)
        let store = try await openStore(url, context)
        let password = try await passwordSource.password(context)
        let hint = keyHint ?? context.environment["RESTIC_KEY_HINT"]
        return try await Repository.open(
            store, password: password, keyHint: hint.flatMap { ResticID($0) },
            environment: context.repositoryEnvironment)
    }

    /// A folder that does not exist is no repository, rather than no store.
    private func openStore(_ url: StoreURL, _ context: CommandContext) async throws -> any ObjectStore {
        do {
            return try await context.openStore(url, false)
        } catch let error as StoreError {
            guard error.code == .notFound else { throw error }
            throw CommandError(
                .noRepository, "there is no repository in \(url)",
                advice: ["Make one: 'martlet repo init --repo \(url.shellWord)'"], cause: error)
        }
    }

    /// Runs `body` under a lock of `kind`; nil for none.
    /// - Parameter startsEarly: see `Repository.withLock`.
    func locked<Result: Sendable>(
        _ repository: Repository, _ kind: LockKind?, startsEarly: Bool = false,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let kind else { return try await body() }
        return try await repository.withLock(
            kind, patience: retryLock?.span ?? .zero, startsEarly: startsEarly, body)
    }
}

extension CommandContext {
    /// What repositories need to know of this process.
    var repositoryEnvironment: RepositoryEnvironment {
        RepositoryEnvironment(
            clock: wallClock, pauses: clock, owner: repositoryHost.owner, ownerState: repositoryHost.ownerState,
            zoneOffset: repositoryHost.zoneOffset)
    }
}
