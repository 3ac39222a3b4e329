import Basics
import KubernetesClient
import Synchronization
import VeleroControllers

/// Finds the password of the repositories of volumes: the flags, the Secret in the cluster, `RESTIC_PASSWORD…`, and for
/// repositories that are there already, the one that Velero ships.
struct RepositoryPassword: Sendable {
    let options: NodePasswordOptions
    let context: CommandContext
    /// Nil to ask no cluster.
    let client: APIClient?
    let namespace: String

    func find() async throws -> RepositoryKey {
        let source = PasswordSource(
            file: options.file, command: options.command,
            names: PasswordSource.Names(flagPrefix: "--repository-", variablePrefix: "RESTIC_"))
        if options.file != nil || options.command != nil {
            return RepositoryKey(password: try await source.password(context), source: "of the command line")
        }
        if let kept = try await fromCluster() { return kept }
        let variables = ["PASSWORD_FILE", "PASSWORD_COMMAND", "PASSWORD"].map { "RESTIC_\($0)" }
        if variables.contains(where: { context.environment[$0]?.isEmpty == false }) {
            return RepositoryKey(password: try await source.password(context), source: "of RESTIC_PASSWORD")
        }
        return .fallback
    }

    /// Who may not read the Secret is as one without a Secret.
    private func fromCluster() async throws -> RepositoryKey? {
        guard let client else { return nil }
        do {
            return try await RepositoryKey.find(client, in: namespace)
        } catch {
            guard (error.cause as? APIError)?.code == .forbidden else { throw error }
            return nil
        }
    }
}

/// What the flags say of the password.
struct NodePasswordOptions: Sendable {
    var file: String?
    var command: String?
}
