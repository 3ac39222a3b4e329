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
        let url = try RepositoryNaming(
            place: repository, file: repositoryFile, flag: "--repo", fileFlag: "--repository-file",
            variable: "RESTIC_REPOSITORY"
        ).location(context)
        guard case .s3(var bucket) = url else { return url }
        let variable = context.environment["RESTIC_CACERT"] ?? ""
        bucket.authorityFile = authority ?? bucket.authorityFile ?? (variable.isEmpty ? nil : variable)
        bucket.skipsVerification = insecureTls || bucket.skipsVerification
        return .s3(bucket)
    }

    /// Whether somebody wants to see how far the work has come.
    var showsProgress: Bool { !json && !quiet }

    var passwordSource: PasswordSource { PasswordSource(file: passwordFile, command: passwordCommand) }

    /// Opens the repository: asks for the password, tries the keys.
    ///
    /// - Parameter rehearsing: whatever is written or removed is neither: for dry runs.
    func open(_ context: CommandContext, rehearsing: Bool = false) async throws -> Repository {
        let url = try location(context)
        let real = limited(try await RepositoryOptions.openStore(url, context), context)
        let store: any ObjectStore = rehearsing ? RehearsalStore(real) : real
        let password = try await passwordSource.password(context)
        let hint = keyHint ?? context.environment["RESTIC_KEY_HINT"]
        return try await Repository.open(
            store, password: password, keyHint: try await RepositoryOptions.key(hint, in: store),
            environment: context.repositoryEnvironment)
    }

    private func limited(_ store: any ObjectStore, _ context: CommandContext) -> any ObjectStore {
        func rate(_ limit: Int?) -> ByteCount? { limit.flatMap { $0 > 0 ? ByteCount.kibibytes($0) : nil } }
        guard rate(limitUpload) != nil || rate(limitDownload) != nil else { return store }
        return ThrottledStore(store, up: rate(limitUpload), down: rate(limitDownload), clock: context.clock)
    }

    /// A folder that does not exist is no repository, rather than no store.
    static func openStore(_ url: StoreURL, _ context: CommandContext) async throws -> any ObjectStore {
        do {
            return try await context.openStore(url, false)
        } catch let error as StoreError {
            guard error.code == .notFound else { throw error }
            throw CommandError(
                .noRepository, "there is no repository in \(url)",
                advice: ["Make one: 'martlet repo init --repo \(url.shellWord)'"], cause: error)
        }
    }

    /// The key that a hint means: its id, or the beginning of one. A hint that means none is no reason to give up.
    static func key(_ hint: String?, in store: any ObjectStore) async throws -> ResticID? {
        guard let hint, !hint.isEmpty else { return nil }
        if let id = ResticID(hint) { return id }
        let ids = try await RepositoryFiles(store).list(.key).map(\.id)
        let matching = ids.filter { $0.description.hasPrefix(hint) }
        return matching.count == 1 ? matching[0] : nil
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
