package import Basics
internal import KubernetesModel
internal import Transport

/// Which cluster the user means: the flags that all of kubectl's commands know. What is nil is left to the kubeconfig.
package struct ClusterChoice: Sendable {
    /// `--kubeconfig`: this file alone.
    package var kubeconfig: String?
    package var context: String?
    package var cluster: String?
    package var user: String?
    package var namespace: String?
    package var server: String?
    package var token: Secret?
    package var certificateAuthority: String?
    package var insecureSkipTLSVerify: Bool?
    package var tlsServerName: String?
    /// `--as`, `--as-group`, `--as-uid`.
    package var impersonation: Impersonation?

    package init(
        kubeconfig: String? = nil, context: String? = nil, cluster: String? = nil, user: String? = nil,
        namespace: String? = nil, server: String? = nil, token: Secret? = nil, certificateAuthority: String? = nil,
        insecureSkipTLSVerify: Bool? = nil, tlsServerName: String? = nil, impersonation: Impersonation? = nil
    ) {
        self.kubeconfig = kubeconfig
        self.context = context
        self.cluster = cluster
        self.user = user
        self.namespace = namespace
        self.server = server
        self.token = token
        self.certificateAuthority = certificateAuthority
        self.insecureSkipTLSVerify = insecureSkipTLSVerify
        self.tlsServerName = tlsServerName
        self.impersonation = impersonation
    }
}

/// A cluster and the way in.
package struct ClusterAccess: Sendable {
    package let endpoint: APIEndpoint
    package let credentials: any CredentialSource
    package let impersonation: Impersonation?
    /// The context's name, or `in-cluster`: what people call this cluster.
    package let name: String

    /// Finds the cluster as kubectl does: `--kubeconfig`, else the files in `KUBECONFIG`, else `~/.kube/config`, else the
    /// service account of the pod that this runs in.
    ///
    /// No request is sent and no plug-in is run.
    /// - Throws: `.configuration` that names the file and entry at fault and says what to do.
    package init(_ choice: ClusterChoice, on machine: Machine) throws(APIError) {
        let config = try Kubeconfig(choice, on: machine)
        if config.isEmpty, choice.server == nil {
            guard let inCluster = try ClusterAccess(inClusterOn: machine, choice) else {
                throw APIError(
                    .configuration,
                    "no cluster is configured: give --kubeconfig, set KUBECONFIG, or write ~/.kube/config")
            }
            self = inCluster
        } else {
            try self.init(config, choice, on: machine)
        }
    }

    private init(_ config: Kubeconfig, _ choice: ClusterChoice, on machine: Machine) throws(APIError) {
        let files = config.sources.joined(separator: ", ")
        let contextName = choice.context ?? config.currentContext
        var context = Kubeconfig.Context()
        if let contextName, !contextName.isEmpty {
            guard let found = config.contexts[contextName] else {
                let known = config.contexts.keys.sorted().prefix(20).joined(separator: ", ")
                throw APIError(
                    .configuration,
                    "there is no context '\(printable(contextName))' in \(files); there are: \(known)")
            }
            context = found
        } else if choice.server == nil, choice.cluster == nil {
            throw APIError(
                .configuration, "\(files): no current context; choose one with --context or kubectl config use-context")
        }
        let place = "context '\(printable(contextName ?? ""))' in \(files)"
        let cluster = try ClusterAccess.cluster(config, context, choice, place)
        let user = try ClusterAccess.user(config, context, choice, place)
        var tls = try ClusterAccess.tls(cluster, choice, place)
        tls.identity = try user.identity(on: machine, place)
        let proxy = try cluster.proxyURL.map { text throws(APIError) in
            guard let proxy = ProxyEndpoint(text) else {
                throw APIError(
                    .configuration, "\(place): its proxy-url is no URL of a proxy; expected http://host:port")
            }
            return proxy
        }
        endpoint = try APIEndpoint(
            choice.server ?? cluster.server, tls: tls, proxy: proxy,
            namespace: choice.namespace ?? context.namespace ?? "default")
        credentials = try user.credentials(for: cluster, endpoint, choice, on: machine, place)
        impersonation = choice.impersonation ?? user.impersonation
        name = contextName ?? endpoint.authority.description
    }

    private static func cluster(
        _ config: Kubeconfig, _ context: Kubeconfig.Context, _ choice: ClusterChoice, _ place: String
    ) throws(APIError) -> Kubeconfig.Cluster {
        let name = choice.cluster ?? context.cluster
        guard let cluster = config.clusters[name] else {
            if choice.server != nil { return Kubeconfig.Cluster() }
            throw APIError(.configuration, "\(place): there is no cluster '\(printable(name))'")
        }
        guard !cluster.server.isEmpty || choice.server != nil else {
            throw APIError(.configuration, "\(place): the cluster '\(printable(name))' has no server")
        }
        return cluster
    }

    private static func user(
        _ config: Kubeconfig, _ context: Kubeconfig.Context, _ choice: ClusterChoice, _ place: String
    ) throws(APIError) -> Kubeconfig.User {
        let name = choice.user ?? context.user
        if name.isEmpty { return Kubeconfig.User() }
        guard let user = config.users[name] else {
            throw APIError(.configuration, "\(place): there is no user '\(printable(name))'")
        }
        return user
    }

    private static func tls(
        _ cluster: Kubeconfig.Cluster, _ choice: ClusterChoice, _ place: String
    ) throws(APIError) -> TLSSettings {
        let isInsecure = choice.insecureSkipTLSVerify ?? cluster.insecureSkipTLSVerify
        let authority = choice.certificateAuthority.map { FileOrData.file($0) } ?? cluster.certificateAuthority
        guard !isInsecure || authority == nil || choice.insecureSkipTLSVerify == true else {
            throw APIError(
                .configuration,
                "\(place): the cluster has both a certificate authority and insecure-skip-tls-verify; remove one")
        }
        var tls = TLSSettings(serverName: choice.tlsServerName ?? cluster.tlsServerName)
        if isInsecure {
            tls.verification = .none
        } else if let authority {
            switch authority {
            case .file(let path): tls.authorities = [.file(path)]
            case .data(let text): tls.authorities = [.text(text.reveal())]
            }
        }
        return tls
    }
}

extension Kubeconfig {
    /// The files that `choice` and the environment name, merged. Missing files of `KUBECONFIG` are skipped; one given by
    /// flag must exist.
    init(_ choice: ClusterChoice, on machine: Machine) throws(APIError) {
        self.init()
        if let path = choice.kubeconfig {
            let path = Machine.resolve(path, in: machine.workingFolder)
            self = try Kubeconfig(yaml: machine.text(of: path, for: "--kubeconfig"), path: path)
            return
        }
        for path in Kubeconfig.defaultPaths(on: machine) {
            let bytes: [UInt8]?
            do {
                bytes = try machine.readFile(path)
            } catch {
                throw APIError(.configuration, "cannot read \(path): \(error)", cause: error)
            }
            guard let bytes else { continue }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw APIError(.configuration, "\(path) is no text")
            }
            merge(try Kubeconfig(yaml: text, path: path))
        }
    }

    private static func defaultPaths(on machine: Machine) -> [String] {
        if let list = machine.environment["KUBECONFIG"], !list.isEmpty {
            var seen: Set<String> = []
            return list.split(separator: ":").map { Machine.resolve(String($0), in: machine.workingFolder) }
                .filter { seen.insert($0).inserted }
        }
        return machine.homeFolder.map { [Machine.resolve(".kube/config", in: $0)] } ?? []
    }
}
