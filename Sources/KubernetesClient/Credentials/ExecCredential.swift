internal import Basics
internal import KubernetesModel
internal import Synchronization
internal import Transport

/// Credentials that a program prints. It is run when they are needed first, when they expire, and when the server refuses
/// them; by one caller at a time, while the others wait for what it brings. Source: Kubernetes documentation, "client-go
/// credential plugins"; `client.authentication.k8s.io/v1`.
final class ExecCredential: CredentialSource {
    private let plugin: ExecPlugin
    private let command: PluginCommand
    private let machine: Machine
    private let place: String
    private let gate = Gate()
    private let cache = Mutex<ExecAnswer?>(nil)

    /// - Throws: `.configuration` if the plug-in speaks a version that is not known, or wants a person where none is.
    init(
        _ plugin: ExecPlugin, cluster: Kubeconfig.Cluster, endpoint: APIEndpoint, machine: Machine, place: String
    ) throws(APIError) {
        self.plugin = plugin
        self.machine = machine
        self.place = "\(place): credential plug-in '\(printable(plugin.command))'"
        guard ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(plugin.apiVersion)
        else {
            throw APIError(
                .configuration,
                "\(self.place): apiVersion '\(printable(plugin.apiVersion))' is not known; "
                    + "expected client.authentication.k8s.io/v1 or v1beta1")
        }
        guard plugin.interactiveMode != .always || machine.isInteractive else {
            throw APIError(.configuration, "\(self.place): it asks questions, but there is no terminal")
        }
        let isInteractive = plugin.interactiveMode != .never && machine.isInteractive
        var environment = machine.environment.merging(plugin.environment) { $1 }
        let info = try ExecInfo.json(plugin, cluster, endpoint, isInteractive: isInteractive, machine: machine)
        environment["KUBERNETES_EXEC_INFO"] = String(decoding: info.serialized(), as: UTF8.self)
        command = PluginCommand(
            program: plugin.command, arguments: plugin.arguments, environment: environment, isInteractive: isInteractive
        )
    }

    func credential() async throws(APIError) -> Credential {
        if let credential = usable() { return credential }
        return try await gate.alone { () async throws(APIError) in
            if let credential = self.usable() { return credential }
            return try await self.renew()
        }
    }

    func refused(_ credential: Credential) async throws(APIError) -> Bool {
        let wasCurrent = cache.withLock { cached in
            guard cached?.credential == credential else { return false }
            cached = nil
            return true
        }
        // Somebody else has fetched new ones already, or the next call of `credential()` does.
        return wasCurrent || cache.withLock { $0 != nil }
    }

    private func usable() -> Credential? {
        let now = machine.clock.now()
        return cache.withLock { cached in
            guard let cached else { return nil }
            if let expiry = cached.expiry, expiry <= now { return nil }
            return cached.credential
        }
    }

    private func renew() async throws(APIError) -> Credential {
        let result: PluginOutput
        do {
            result = try await machine.runPlugin(command)
        } catch {
            if error is CancellationError { throw APIError(.cancelled, "\(place): cancelled") }
            let hint = plugin.installHint.map { "; \($0)" } ?? ""
            throw APIError(.configuration, "\(place) cannot be run: \(error)\(hint)", cause: error)
        }
        guard result.exitCode == 0 else {
            // What it printed on standard output may be a credential; what it said on standard error is for people.
            let words = result.errors.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(1_000)
            throw APIError(.unauthorized, "\(place) failed with exit code \(result.exitCode): \(words)")
        }
        let answer = try ExecAnswer(result.output, apiVersion: plugin.apiVersion, place: place)
        cache.withLock { $0 = answer }
        return answer.credential
    }
}

/// What the plug-in is told in `KUBERNETES_EXEC_INFO`.
private enum ExecInfo {
    static func json(
        _ plugin: ExecPlugin, _ cluster: Kubeconfig.Cluster, _ endpoint: APIEndpoint, isInteractive: Bool,
        machine: Machine
    ) throws(APIError) -> JSONValue {
        var info: JSONValue = ["kind": "ExecCredential", "spec": [:]]
        info["apiVersion"] = .string(plugin.apiVersion)
        info["spec", "interactive"] = .bool(isInteractive)
        guard plugin.providesClusterInfo else { return info }
        var told: JSONValue = [:]
        told["server"] = .string("\(endpoint.scheme)://\(endpoint.authority)\(endpoint.basePath)")
        told["tls-server-name"] = endpoint.tls.serverName.map { .string($0) }
        if endpoint.tls.verification == .none { told["insecure-skip-tls-verify"] = true }
        if let authority = endpoint.tls.authorities.first {
            let text =
                switch authority {
                case .text(let text): text
                case .file(let path): try machine.text(of: path, for: "certificate-authority")
                }
            told["certificate-authority-data"] = .string(Base64.encode(Array(text.utf8)))
        }
        told["proxy-url"] = cluster.proxyURL.map { .string($0) }
        told["config"] = cluster.execConfig
        info["spec", "cluster"] = told
        return info
    }
}

/// What the plug-in printed.
private struct ExecAnswer: Sendable {
    let credential: Credential
    /// Nil: until the server refuses it.
    let expiry: Timestamp?

    init(_ output: Secret, apiVersion: String, place: String) throws(APIError) {
        // The parser's error has an offset only, but even that is nobody's business: it is about a credential.
        guard let json = try? JSONValue(parsing: output.reveal()) else {
            throw APIError(.configuration, "\(place) printed no JSON")
        }
        guard json["kind"]?.string == "ExecCredential", json["apiVersion"]?.string == apiVersion else {
            throw APIError(.configuration, "\(place) printed no ExecCredential of \(apiVersion)")
        }
        let token = json["status", "token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let certificate = json["status", "clientCertificateData"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let key = json["status", "clientKeyData"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        guard (certificate == nil) == (key == nil) else {
            throw APIError(.configuration, "\(place) printed a client certificate without its key, or a key alone")
        }
        guard token != nil || certificate != nil else {
            throw APIError(.configuration, "\(place) printed neither a token nor a client certificate")
        }
        var credential = token.map { Credential.bearer(Secret($0)) } ?? .anonymous
        if let certificate, let key { credential.identity = ClientIdentity(certificate: certificate, key: Secret(key)) }
        self.credential = credential
        if let text = json["status", "expirationTimestamp"]?.string {
            guard let expiry = Timestamp(text) else {
                throw APIError(.configuration, "\(place) printed an expirationTimestamp that is no RFC 3339 time")
            }
            self.expiry = expiry
        } else {
            expiry = nil
        }
    }
}
