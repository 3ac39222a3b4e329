import Basics
import NetworkTransport
import ObjectStorage
import S3
import Transport

extension Composition {
    /// Opens a store with its retries. A bucket is asked once first, so that wrong keys or a wrong address are reported in
    /// seconds, before any work is done.
    ///
    /// - Parameter forWriting: makes a folder that does not exist.
    func openStore(_ url: StoreURL, forWriting: Bool) async throws -> any ObjectStore {
        switch url {
        case .folder(let path): return try FolderObjectStore(path: absolute(path), creates: forWriting)
        case .s3(let location): return try await openBucket(location)
        case .named(let text): return try await openStore(try placeReader.store(text), forWriting: forWriting)
        }
    }

    /// What is told from a bare word: aliases first, then what exists here.
    var placeReader: PlaceReader {
        PlaceReader(aliases: aliases, pathExists: { HostFile.kind(of: absolute($0)) != nil })
    }

    /// The bucket itself, prefix left aside, without retries. Nothing is sent.
    func bucket(_ location: StoreURL.S3Bucket) throws -> S3ObjectStore {
        let (configuration, transport) = try connection(location)
        return try S3ObjectStore(configuration, transport: transport, clock: wallClock)
    }

    /// The server itself, without retries. Nothing is sent.
    func server(_ location: StoreURL.S3Bucket) throws -> S3Server {
        let (configuration, transport) = try connection(location)
        return try S3Server(configuration, transport: transport, clock: wallClock)
    }

    /// MinIO's stream of events; other stores say that they have none when it is opened. On connections of its own, which it
    /// holds for as long as it lasts.
    func minIOEvents(_ location: StoreURL.S3Bucket) throws -> MinIOEvents {
        let (configuration, transport) = try connection(location)
        return try MinIOEvents(configuration, prefix: location.prefix, transport: transport, clock: wallClock)
    }

    /// A queue of events, on connections of its own. Without keys of its own those of the environment count.
    func queueEvents(_ queue: QueueChoice, of location: StoreURL.S3Bucket) throws -> QueueEvents {
        let variable: @Sendable (String) -> String? = { [environment] in environment[$0] }
        var settings = ConnectionSettings(tls: TLSSettings())
        settings.proxies = try ProxySettings(environment: environment)
        let configuration = QueueConfiguration(
            url: queue.url, region: queue.region,
            credentials: queue.keys.map { credentials(of: $0) } ?? credentials(profile: nil, variable))
        return try QueueEvents(
            configuration, bucket: location.bucket, prefix: location.prefix, transport: transports.open(settings),
            clock: wallClock)
    }

    private func connection(_ location: StoreURL.S3Bucket) throws -> (S3Configuration, NetworkTransport) {
        let entry = try location.alias.map { try aliases.required($0) }
        var settings = ConnectionSettings(tls: tls(location, entry))
        settings.proxies = try ProxySettings(environment: environment)
        // One for each worker of a mirror, and some for its listings: on a long line more are under way than are worked on.
        settings.connectionsPerHost = 160
        return (configuration(location, entry), try transports.open(settings))
    }

    private func openBucket(_ location: StoreURL.S3Bucket) async throws -> any ObjectStore {
        let bucket = try bucket(location)
        _ = try await retrying(bucket, policy: Composition.firstAnswer).list(
            ListRequest(prefix: location.prefix.isEmpty ? "" : location.prefix + "/", pageSize: 1))
        let store = retrying(bucket, policy: StoreRetryPolicy())
        return location.prefix.isEmpty ? store : PrefixStore(store, prefix: location.prefix + "/")
    }

    /// Long enough for a dropped packet, too short to look like a hang.
    private static let firstAnswer = StoreRetryPolicy(tries: 3, deadline: .seconds(3))

    func retrying(_ store: any ObjectStore, policy: StoreRetryPolicy) -> RetryingStore {
        RetryingStore(store, policy: policy, clock: ContinuousClock(), random: SystemRandomNumberGenerator())
    }

    private func configuration(_ location: StoreURL.S3Bucket, _ entry: AliasBook.Entry?) -> S3Configuration {
        let variable: @Sendable (String) -> String? = { [environment] in environment[$0] }
        var configuration = S3Configuration(
            bucket: location.bucket, endpoint: entry?.alias.url ?? location.endpoint,
            region: S3Configuration.region(configured: location.region ?? mcRegion(entry), variable: variable),
            credentials: entry.map { credentials(of: $0.alias) } ?? credentials(profile: location.profile, variable))
        switch entry?.alias.addressing {
        case .path: configuration.addressing = .path
        case .virtualHost: configuration.addressing = .virtualHost
        case .automatic, nil: break
        }
        if let usesPathStyle = location.usesPathStyle {
            configuration.addressing = usesPathStyle ? .path : .virtualHost
        }
        return configuration
    }

    /// `MC_REGION` speaks for aliases, as with mc.
    private func mcRegion(_ entry: AliasBook.Entry?) -> String? { entry == nil ? nil : environment["MC_REGION"] }

    /// The authorities of a store. For aliases mc's own count beside the system's: the files in `~/.mc/certs/CAs`.
    private func tls(_ location: StoreURL.S3Bucket, _ entry: AliasBook.Entry?) -> TLSSettings {
        var tls = TLSSettings()
        if let file = location.authorityFile {
            tls.authorities = [.file(absolute(file))]
        } else if entry != nil {
            let added = aliases.authorityFolder.map { HostFile.files(in: absolute($0)) } ?? []
            if !added.isEmpty { tls.authorities = (HostFile.systemAuthorities + added).map { .file($0) } }
        }
        if location.skipsVerification { tls.verification = .none }
        return tls
    }

    /// Keys in files are read again when those change.
    func credentials(of alias: StoreAlias) -> any S3CredentialsSource {
        let known = S3Credentials(
            accessKey: alias.accessKey, secretKey: alias.secretKey, sessionToken: alias.sessionToken)
        guard !alias.keyFiles.isEmpty else { return known }
        func watched(_ path: String?) -> WatchedFile? { path.map { HostFile.watched(absolute($0)) } }
        return FileCredentials(
            known, accessKey: watched(alias.keyFiles.accessKey), secretKey: watched(alias.keyFiles.secretKey),
            sessionToken: watched(alias.keyFiles.sessionToken))
    }

    /// A profile that was named is meant; otherwise the variables, then the shared file, as with Amazon's own tools.
    func credentials(
        profile: String?, _ variable: @escaping @Sendable (String) -> String?
    ) -> any S3CredentialsSource {
        var sources: [any S3CredentialsSource] = profile == nil ? [EnvironmentCredentials(variable: variable)] : []
        if let shared = SharedCredentialsFile.location(variable: variable) {
            sources.append(
                SharedCredentialsFile(HostFile.watched(shared.path), profile: profile ?? shared.profile))
        }
        return FirstCredentials(sources)
    }

    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingFolder)/\(path)" }
}
