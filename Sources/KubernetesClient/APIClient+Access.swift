package import Transport

extension APIClient {
    /// A client for a cluster that was found by kubeconfig or service account.
    ///
    /// - Parameter transport: made with `access.endpoint.tls` and `access.endpoint.proxy`.
    package init(
        _ access: ClusterAccess, transport: any HTTPTransport, policy: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration>, random: @escaping @Sendable () -> UInt64, userAgent: String = "martlet"
    ) {
        self.init(
            endpoint: access.endpoint, transport: transport, credentials: access.credentials,
            impersonation: access.impersonation, policy: policy, clock: clock, random: random, userAgent: userAgent)
    }
}
