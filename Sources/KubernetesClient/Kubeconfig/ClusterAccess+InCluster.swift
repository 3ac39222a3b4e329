internal import Basics
internal import Transport

extension ClusterAccess {
    /// Where Kubernetes mounts the service account of a pod. Source: Kubernetes documentation, "Accessing the Kubernetes API
    /// from a Pod".
    private static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The service account of the pod that this runs in; nil outside of a cluster.
    init?(inClusterOn machine: Machine, _ choice: ClusterChoice) throws(APIError) {
        guard let host = machine.environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = machine.environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let tokenPath = "\(ClusterAccess.folder)/token"
        let authorityPath = "\(ClusterAccess.folder)/ca.crt"
        _ = try machine.text(of: tokenPath, for: "in-cluster service account (automountServiceAccountToken)")
        let authority = try machine.text(of: authorityPath, for: "in-cluster service account")
        let namespace = try? machine.text(of: "\(ClusterAccess.folder)/namespace", for: "")  // Older pods have none.
        let address = HostAndPort(host: host, port: Int(port))
        endpoint = try APIEndpoint(
            "https://\(address)", tls: TLSSettings(authorities: [.text(authority)]),
            namespace: choice.namespace ?? namespace ?? "default")
        credentials = TokenFileCredential(path: tokenPath, machine: machine)
        impersonation = choice.impersonation
        name = "in-cluster"
    }
}
