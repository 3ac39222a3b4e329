package import Basics
package import Transport

/// What a request shows to prove who sends it.
package struct Credential: Sendable, Hashable {
    /// The value of the `Authorization` header.
    package var authorization: Secret?
    /// A client certificate that was not known when the transport was made.
    package var identity: ClientIdentity?

    package static let anonymous = Credential()

    package init(authorization: Secret? = nil, identity: ClientIdentity? = nil) {
        self.authorization = authorization
        self.identity = identity
    }

    package static func bearer(_ token: Secret) -> Credential {
        Credential(authorization: Secret("Bearer \(token.reveal())"))
    }
}

/// Hands out credentials, and new ones when they were refused. Safe to call from any task at any time; called before every
/// request, so what it returns is kept, not made anew.
package protocol CredentialSource: Sendable {
    /// - Throws: `.configuration` or `.unauthorized` that says where the credentials should have come from.
    func credential() async throws(APIError) -> Credential

    /// Tells that the server refused `credential` with 401.
    /// - Returns: whether `credential()` may give another one now; the request is then sent once more.
    func refused(_ credential: Credential) async throws(APIError) -> Bool
}

/// The same credential for ever.
package struct FixedCredential: CredentialSource {
    private let fixed: Credential

    package init(_ credential: Credential = .anonymous) { fixed = credential }

    package func credential() -> Credential { fixed }
    package func refused(_ credential: Credential) -> Bool { false }
}

/// On whose behalf requests are made. Source: Kubernetes documentation, "User impersonation".
package struct Impersonation: Sendable, Hashable {
    package var user: String
    package var uid: String?
    package var groups: [String]
    package var extra: [String: [String]]

    package init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }
}
