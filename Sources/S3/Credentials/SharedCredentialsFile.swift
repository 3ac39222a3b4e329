import Basics
package import ObjectStorage
import Synchronization

/// A file and how to tell whether it changed; passed in so that tests need no files.
package struct WatchedFile: Sendable {
    package let path: String
    /// The whole content, nil if there is no such file.
    package let read: @Sendable () throws -> [UInt8]?
    /// Something that differs when the content does, such as size and time; nil if there is no such file. Cheap: asked
    /// before every request.
    package let version: @Sendable () -> String?

    package init(
        path: String, read: @escaping @Sendable () throws -> [UInt8]?, version: @escaping @Sendable () -> String?
    ) {
        self.path = path
        self.read = read
        self.version = version
    }
}

/// A profile of the shared credentials file, `~/.aws/credentials`, or of Velero's file `cloud`; read again when the file
/// changes, as it does when a Secret is renewed. Source: AWS SDKs and Tools Reference Guide, "Shared config and
/// credentials files".
package final class SharedCredentialsFile: S3CredentialsSource {
    private struct State {
        var version: String?
        var credentials: S3Credentials?
    }

    private let file: WatchedFile
    private let profile: String
    private let state = Mutex(State())

    package init(_ file: WatchedFile, profile: String = "default") {
        self.file = file
        self.profile = profile
    }

    /// The path and profile that the environment names: `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`, and
    /// `AWS_PROFILE` or `default`. Nil if there is neither a path nor a home.
    package static func location(
        variable: (String) -> String?
    ) -> (path: String, profile: String)? {
        let profile = variable("AWS_PROFILE").flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        if let path = variable("AWS_SHARED_CREDENTIALS_FILE"), !path.isEmpty { return (path, profile) }
        guard let home = variable("HOME"), !home.isEmpty else { return nil }
        return ("\(home)/.aws/credentials", profile)
    }

    /// - Throws: `.unauthorized` if there is no such file or profile, `.invalid` if it cannot be read.
    package func credentials() async throws(StoreError) -> S3Credentials {
        let version = file.version()
        let known = state.withLock { $0.version == version && version != nil ? $0.credentials : nil }
        if let known { return known }
        let credentials = try read()
        state.withLock { $0 = State(version: version, credentials: credentials) }
        return credentials
    }

    private func read() throws(StoreError) -> S3Credentials {
        let content: [UInt8]?
        do {
            content = try file.read()
        } catch {
            throw StoreError(.invalid, "the credentials file '\(file.path)' cannot be read", cause: error)
        }
        guard let content else { throw StoreError(.unauthorized, "there is no credentials file '\(file.path)'") }
        let sections = INIFile(String(decoding: content, as: UTF8.self))
        guard let section = sections[profile] ?? sections["profile \(profile)"] else {
            throw StoreError(.unauthorized, "'\(file.path)' has no profile '\(profile)'")
        }
        guard let accessKey = section["aws_access_key_id"], let secretKey = section["aws_secret_access_key"] else {
            throw StoreError(
                .unauthorized,
                "profile '\(profile)' of '\(file.path)' lacks aws_access_key_id or aws_secret_access_key")
        }
        return S3Credentials(
            accessKey: accessKey, secretKey: Secret(secretKey),
            sessionToken: section["aws_session_token"].map(Secret.init))
    }
}
