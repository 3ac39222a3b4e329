import Basics
import KubernetesClient
import NetworkTransport
import Transport

extension Composition {
    /// Finds the cluster as kubectl does, and asks it once, so that a wrong address is reported in seconds and not after
    /// all the retries that a long run deserves.
    func connect(_ options: ClusterOptions) async throws -> APIClient {
        let access = try ClusterAccess(choice(options), on: machine)
        var settings = ConnectionSettings(tls: access.endpoint.tls)
        settings.proxies = try access.endpoint.proxy.map { .all($0) } ?? ProxySettings(environment: environment)
        let transport = try transports.open(settings)
        try await client(access, transport, policy: Composition.firstContact).probe()
        return client(access, transport, policy: RetryPolicy())
    }

    /// Long enough for a dropped packet, too short to look like a hang.
    private static let firstContact = RetryPolicy(deadline: .seconds(3), attempts: 3)

    private func client(_ access: ClusterAccess, _ transport: NetworkTransport, policy: RetryPolicy) -> APIClient {
        APIClient(
            endpoint: access.endpoint, transport: transport, credentials: access.credentials,
            impersonation: access.impersonation, policy: policy, clock: ContinuousClock(),
            random: { UInt64.random(in: .min ... .max) }, userAgent: "martlet/\(Version.text)")
    }

    private func choice(_ options: ClusterOptions) throws(CommandError) -> ClusterChoice {
        var choice = ClusterChoice()
        choice.kubeconfig = options.kubeconfig
        choice.context = options.context
        if let user = options.impersonatedUser {
            choice.impersonation = Impersonation(user: user, groups: options.impersonatedGroups)
        } else if !options.impersonatedGroups.isEmpty {
            throw .usage("'--as-group' without '--as'", advice: "Name the user too: --as USER --as-group GROUP")
        }
        return choice
    }
}

extension APIClient {
    /// Throws what stands between us and the server.
    fileprivate func probe() async throws(APIError) {
        _ = try await serverVersion()
    }
}
