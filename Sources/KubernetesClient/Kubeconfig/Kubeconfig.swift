internal import Basics
internal import KubernetesModel

/// The contents of one kubeconfig file, or of several merged. Source: client-go's `api/v1.Config`; Kubernetes documentation,
/// "Organizing Cluster Access Using kubeconfig Files".
struct Kubeconfig: Sendable {
    struct Cluster: Sendable {
        var server = ""
        var certificateAuthority: FileOrData?
        var insecureSkipTLSVerify = false
        var tlsServerName: String?
        var proxyURL: String?
        /// For plug-ins that want to know it: the extension `client.authentication.k8s.io/exec`.
        var execConfig: JSONValue?
    }

    struct User: Sendable {
        var clientCertificate: FileOrData?
        var clientKey: FileOrData?
        var token: Secret?
        var tokenFile: String?
        var username: String?
        var password: Secret?
        var exec: ExecPlugin?
        /// The name of a provider that client-go no longer knows, such as `gcp`.
        var authProvider: String?
        var impersonation: Impersonation?
    }

    struct Context: Sendable {
        var cluster = ""
        var user = ""
        var namespace: String?
    }

    var currentContext: String?
    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]
    var contexts: [String: Context] = [:]
    /// Where it was read from, for messages.
    var sources: [String] = []

    var isEmpty: Bool { clusters.isEmpty && users.isEmpty && contexts.isEmpty && currentContext == nil }

    /// Adds what `other` has and this has not: of each entry the first wins, whole.
    mutating func merge(_ other: Kubeconfig) {
        if currentContext == nil { currentContext = other.currentContext }
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        sources += other.sources
    }
}

/// PEM text inside a kubeconfig, or a file that it names.
enum FileOrData: Sendable, Hashable {
    case file(String)
    case data(Secret)
}

/// A credential plug-in. Source: Kubernetes documentation, "client-go credential plugins".
struct ExecPlugin: Sendable, Hashable {
    enum InteractiveMode: String, Sendable { case never = "Never", ifAvailable = "IfAvailable", always = "Always" }

    var apiVersion: String
    var command: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var installHint: String?
    var providesClusterInfo = false
    var interactiveMode: InteractiveMode = .ifAvailable
}
