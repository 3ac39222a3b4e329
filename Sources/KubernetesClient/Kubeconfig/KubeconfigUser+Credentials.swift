internal import Basics
internal import Transport

extension Kubeconfig.User {
    /// The client certificate of this user, read now.
    func identity(on machine: Machine, _ place: String) throws(APIError) -> ClientIdentity? {
        guard clientCertificate != nil || clientKey != nil else { return nil }
        guard let clientCertificate, let clientKey else {
            throw APIError(.configuration, "\(place): a client certificate needs both certificate and key")
        }
        return ClientIdentity(
            certificate: try Self.text(clientCertificate, machine, "\(place): client-certificate").reveal(),
            key: try Self.text(clientKey, machine, "\(place): client-key"))
    }

    private static func text(_ source: FileOrData, _ machine: Machine, _ place: String) throws(APIError) -> Secret {
        switch source {
        case .data(let text): text
        case .file(let path): Secret(try machine.text(of: path, for: place))
        }
    }

    /// How this user proves who it is, beside its certificate. A token given by flag wins over all.
    func credentials(
        for cluster: Kubeconfig.Cluster, _ endpoint: APIEndpoint, _ choice: ClusterChoice, on machine: Machine,
        _ place: String
    ) throws(APIError) -> any CredentialSource {
        if let token = choice.token { return FixedCredential(.bearer(token)) }
        if let authProvider {
            throw APIError(
                .configuration,
                "\(place): the auth-provider '\(printable(authProvider))' was removed from Kubernetes 1.26; "
                    + "write the kubeconfig anew with an exec credential plug-in")
        }
        guard token == nil && tokenFile == nil || username == nil else {
            throw APIError(.configuration, "\(place): the user has both a token and a password; remove one")
        }
        if let exec {
            return try ExecCredential(exec, cluster: cluster, endpoint: endpoint, machine: machine, place: place)
        }
        if let tokenFile { return TokenFileCredential(path: tokenFile, machine: machine) }
        if let token { return FixedCredential(.bearer(token)) }
        if let username {
            let pair = Base64.encode(Array("\(username):\(password?.reveal() ?? "")".utf8))
            return FixedCredential(Credential(authorization: Secret("Basic \(pair)")))
        }
        return FixedCredential(.anonymous)
    }
}
