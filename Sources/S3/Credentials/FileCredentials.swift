import Basics
package import ObjectStorage
import Synchronization

/// Keys of which some are kept in files, a key a file, as a Secret is mounted: read again when a file changes, which
/// rotates keys without a restart.
///
/// While a file is missing, empty or unreadable the keys that were known last are used: a rotation may be under way.
package final class FileCredentials: S3CredentialsSource {
    private struct State {
        var versions: [String?]
        var credentials: S3Credentials
    }

    private let accessKey: WatchedFile?
    private let secretKey: WatchedFile?
    private let sessionToken: WatchedFile?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - known: the keys as they are now, those that are in no file among them.
    ///   - accessKey: nil for a key that is in no file; likewise the others.
    package init(
        _ known: S3Credentials, accessKey: WatchedFile? = nil, secretKey: WatchedFile? = nil,
        sessionToken: WatchedFile? = nil
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        // No version: the files are read at the first request, they may have changed since somebody read them.
        state = Mutex(State(versions: [], credentials: known))
    }

    package func credentials() async throws(StoreError) -> S3Credentials {
        let versions = [accessKey?.version(), secretKey?.version(), sessionToken?.version()]
        return state.withLock { state in
            guard state.versions != versions else { return state.credentials }
            if let text = FileCredentials.text(accessKey) { state.credentials.accessKey = text }
            if let text = FileCredentials.text(secretKey) { state.credentials.secretKey = Secret(text) }
            if let text = FileCredentials.text(sessionToken) { state.credentials.sessionToken = Secret(text) }
            state.versions = versions
            return state.credentials
        }
    }

    /// Without the blanks and line ends around it, which editors leave.
    private static func text(_ file: WatchedFile?) -> String? {
        guard let file, let bytes = try? file.read(), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        var trimmed = text[...]
        while trimmed.first?.isWhitespace == true { trimmed.removeFirst() }
        while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}
