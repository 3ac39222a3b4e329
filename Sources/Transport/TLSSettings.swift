package import Basics

/// How connections are secured: whom to trust, who we are, what name the server must prove.
package struct TLSSettings: Sendable, Hashable {
    package enum Verification: Sendable, Hashable {
        /// The chain must lead to a trusted authority and the certificate must name the host.
        case full
        /// Nothing is checked: anybody between here and the server can read and change everything.
        case none
    }

    /// Authorities to trust instead of the system's; empty means the system's.
    package var authorities: [PEMSource]
    package var verification: Verification
    /// The name that the server's certificate must carry, if it is not the one in the URL.
    package var serverName: String?
    package var identity: ClientIdentity?

    package init(
        authorities: [PEMSource] = [], verification: Verification = .full, serverName: String? = nil,
        identity: ClientIdentity? = nil
    ) {
        self.authorities = authorities
        self.verification = verification
        self.serverName = serverName
        self.identity = identity
    }
}

/// PEM text, or the file it stands in.
package enum PEMSource: Sendable, Hashable {
    case text(String)
    case file(String)
}

/// A client certificate with its key, both PEM. The certificate may be followed by its chain.
package struct ClientIdentity: Sendable, Hashable {
    package var certificate: String
    package var key: Secret

    package init(certificate: String, key: Secret) {
        self.certificate = certificate
        self.key = key
    }
}
