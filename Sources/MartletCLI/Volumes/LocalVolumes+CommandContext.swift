import Basics
import ClusterBackup
import KubernetesClient
import ObjectStorage
import ResticRepository
import VeleroControllers

extension CommandContext {
    /// Works on the volumes of this node, with repositories in one store.
    func localVolumes(
        _ options: NodeOptions, client: APIClient, store: any ObjectStore, url: StoreURL, namespace: String
    ) throws -> LocalVolumes {
        let password = RepositoryPassword(
            options: NodePasswordOptions(
                file: options.repositoryPasswordFile, command: options.repositoryPasswordCommand),
            context: self, client: client, namespace: namespace)
        let key = Once { try await password.find() }
        let prefix = try url.repositoryPrefix(aliases)
        var repositories = ResticRepository.RepositoryOptions()
        repositories.keyParameters = repositoryHost.keyParameters
        let pool = RepositoryPool(
            open: { _ in OpenedLocation(store: store, repositoryPrefix: prefix) }, key: { try await key.value() },
            options: repositories, environment: repositoryEnvironment)
        let worker = VolumeWorker(
            finder: PlaceFinder(client: client, folders: options.folders), repositories: pool, clock: wallClock,
            pauses: clock, programVersion: "martlet \(Version.text)")
        let console = console
        return LocalVolumes(worker, key: { try await key.value() }) { line in
            console.note(PlainText.printable(line, keepingLines: false))
        }
    }
}

/// A value that is found when it is first asked for, once; a failure is found again.
actor Once<Value: Sendable> {
    private let find: @Sendable () async throws -> Value
    private var found: Task<Value, any Error>?

    init(_ find: @escaping @Sendable () async throws -> Value) { self.find = find }

    func value() async throws -> Value {
        if let found { return try await found.value }
        let find = find
        let task = Task { try await find() }
        found = task
        do {
            return try await task.value
        } catch {
            found = nil
            throw error
        }
    }
}

extension StoreURL {
    /// What restic writes before `/NAMESPACE` for the repositories of a location: `s3:http://HOST/BUCKET/PREFIX/restic`, or
    /// a path. For the record alone; nothing is opened by it.
    func repositoryPrefix(_ aliases: AliasBook) throws -> String {
        switch self {
        case .folder(let path): return "\(path)/restic"
        case .named(let text): return "\(text)/restic"
        case .s3(let bucket):
            let endpoint = try bucket.alias.map { try aliases.required($0).alias.url } ?? bucket.endpoint
            let server = endpoint ?? "s3-\(bucket.region ?? "us-east-1").amazonaws.com"
            let place = [bucket.bucket, bucket.prefix, "restic"].filter { !$0.isEmpty }.joined(separator: "/")
            return "s3:\(server.hasSuffix("/") ? String(server.dropLast()) : server)/\(place)"
        }
    }
}
