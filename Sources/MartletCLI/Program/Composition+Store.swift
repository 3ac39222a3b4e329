import Basics
import Glibc
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
        }
    }

    private func openBucket(_ location: StoreURL.S3Bucket) async throws -> any ObjectStore {
        var tls = TLSSettings()
        if let file = location.authorityFile { tls.authorities = [.file(absolute(file))] }
        if location.skipsVerification { tls.verification = .none }
        var settings = ConnectionSettings(tls: tls)
        settings.proxies = try ProxySettings(environment: environment)
        let transport = try transports.open(settings)
        let bucket = try S3ObjectStore(configuration(location), transport: transport, clock: wallClock)
        _ = try await retrying(bucket, policy: Composition.firstAnswer).list(
            ListRequest(prefix: location.prefix.isEmpty ? "" : location.prefix + "/", pageSize: 1))
        let store = retrying(bucket, policy: StoreRetryPolicy())
        return location.prefix.isEmpty ? store : PrefixStore(store, prefix: location.prefix + "/")
    }

    /// Long enough for a dropped packet, too short to look like a hang.
    private static let firstAnswer = StoreRetryPolicy(tries: 3, deadline: .seconds(3))

    private func retrying(_ store: any ObjectStore, policy: StoreRetryPolicy) -> RetryingStore {
        RetryingStore(store, policy: policy, clock: ContinuousClock(), random: SystemRandomNumberGenerator())
    }

    private func configuration(_ location: StoreURL.S3Bucket) -> S3Configuration {
        let variable: @Sendable (String) -> String? = { [environment] in environment[$0] }
        var configuration = S3Configuration(
            bucket: location.bucket, endpoint: location.endpoint,
            region: S3Configuration.region(configured: location.region, variable: variable),
            credentials: credentials(profile: location.profile, variable))
        if let usesPathStyle = location.usesPathStyle {
            configuration.addressing = usesPathStyle ? .path : .virtualHost
        }
        return configuration
    }

    /// A profile that was named is meant; otherwise the variables, then the shared file, as with Amazon's own tools.
    private func credentials(
        profile: String?, _ variable: @escaping @Sendable (String) -> String?
    ) -> any S3CredentialsSource {
        var sources: [any S3CredentialsSource] = profile == nil ? [EnvironmentCredentials(variable: variable)] : []
        if let shared = SharedCredentialsFile.location(variable: variable) {
            sources.append(
                SharedCredentialsFile(HostFile.watched(shared.path), profile: profile ?? shared.profile))
        }
        return FirstCredentials(sources)
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingFolder)/\(path)" }
}

/// Small files of this machine.
private enum HostFile {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    static func watched(_ path: String) -> WatchedFile {
        WatchedFile(path: path, read: { try read(path) }, version: { version(of: path) })
    }

    /// Nil if there is none. At most 1 MiB: a credentials file has a few lines.
    private static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard descriptor >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + length, $0.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
            if count == 0 { return Array(bytes[..<length]) }
            length += count
        }
        throw Unreadable(description: "larger than 1 MiB")
    }

    private static func version(of path: String) -> String? {
        var state = stat()
        guard stat(path, &state) == 0 else { return nil }
        return "\(state.st_ino)/\(state.st_size)/\(state.st_mtim.tv_sec).\(state.st_mtim.tv_nsec)"
    }
}
