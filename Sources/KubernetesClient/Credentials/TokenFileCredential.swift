internal import Basics
internal import Synchronization

/// A token in a file that somebody else replaces before it expires, as kubelet does for service accounts.
final class TokenFileCredential: CredentialSource {
    /// kubelet replaces tokens minutes before they expire; reading a small file six times a minute costs nothing.
    private static let lifetime = Duration.seconds(10)

    private let path: String
    private let machine: Machine
    private let cache = Mutex<(token: Credential, readAt: Timestamp)?>(nil)

    init(path: String, machine: Machine) {
        self.path = path
        self.machine = machine
    }

    func credential() async throws(APIError) -> Credential {
        let now = machine.clock.now()
        let cached = cache.withLock { $0 }
        if let cached, now - cached.readAt < Self.lifetime, now >= cached.readAt { return cached.token }
        do throws(APIError) {
            let credential = try read()
            cache.withLock { $0 = (credential, now) }
            return credential
        } catch {
            // While the file is being replaced the old token still serves.
            if let cached { return cached.token }
            throw error
        }
    }

    func refused(_ credential: Credential) async throws(APIError) -> Bool {
        let fresh = try read()
        let now = machine.clock.now()
        cache.withLock { $0 = (fresh, now) }
        return fresh != credential
    }

    private func read() throws(APIError) -> Credential {
        let text = try machine.text(of: path, for: "token")
        let token = text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
        guard !token.isEmpty else { throw APIError(.configuration, "the token file \(path) is empty") }
        return .bearer(Secret(String(token)))
    }
}
