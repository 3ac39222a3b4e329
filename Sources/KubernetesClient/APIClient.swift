package import KubernetesModel
package import Transport

/// Talks to one API server. A value: copies share the transport and the credentials. Safe to use from any task.
///
/// Every call retries in the way its `RetryPolicy` says: reads, deletes, merge patches and server-side apply after any
/// passing failure; creates, updates and JSON patches only when the server did not act on them. What is thrown has been
/// retried already. Cancelling the task ends a call with `.cancelled`. Tried against 1.20; newer discovery only by recorded answers.
package struct APIClient: Sendable {
    package let endpoint: APIEndpoint
    let requests: RequestBuilder
    var sender: Sender

    /// - Parameters:
    ///   - transport: made with the TLS and proxy settings of `endpoint`, if it goes over the network.
    ///   - random: for jitter.
    package init(
        endpoint: APIEndpoint, transport: any HTTPTransport, credentials: any CredentialSource = FixedCredential(),
        impersonation: Impersonation? = nil, policy: RetryPolicy = RetryPolicy(), clock: any Clock<Duration>,
        random: @escaping @Sendable () -> UInt64, userAgent: String = "martlet"
    ) {
        self.endpoint = endpoint
        requests = RequestBuilder(endpoint: endpoint, impersonation: impersonation, userAgent: userAgent)
        sender = Sender(
            transport: transport, credentials: credentials, policy: policy, clock: clock, random: random)
    }

    /// The release of the server; also the cheapest proof that it can be reached.
    package func serverVersion() async throws(APIError) -> ServerVersion {
        let request = requests.read("/version")
        return ServerVersion(try await json(request))
    }

    /// All objects of `kind`, in one namespace or in all, as batches of a stream that can be iterated once or again.
    ///
    /// Nothing is sent before the first `next()`. Memory is one batch and the piece of the answer it came in, whatever the
    /// cluster's size.
    package func list(
        _ kind: ResourceKind, in namespace: String? = nil, options: ListOptions = ListOptions()
    ) -> ObjectPages {
        ObjectPages(client: self, kind: kind, namespace: namespace, options: options)
    }

    /// - Throws: `.notFound` if there is no such object.
    package func get(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil, subresource: String? = nil
    ) async throws(APIError) -> RawObject {
        try await object(requests.get(kind, name, in: namespace, subresource: subresource), kind)
    }

    /// Nil if there is no such object. A kind that the server does not know is an error: `.unsupported`.
    package func find(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil
    ) async throws(APIError) -> RawObject? {
        do throws(APIError) {
            return try await get(kind, name, in: namespace)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    func json(_ request: APIRequest) async throws(APIError) -> JSONValue {
        let bytes = try await sender.send(request)
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw APIError(.malformed, "\(request.subject): the answer is not JSON", cause: error)
        }
    }

    /// The object that answers `request`.
    func object(_ request: APIRequest, _ kind: ResourceKind) async throws(APIError) -> RawObject {
        let bytes = try await sender.send(request)
        do {
            return try RawObject(
                scanning: bytes, apiVersion: kind.groupVersion.description, kind: kind.kind)
        } catch {
            throw APIError(.malformed, "\(request.subject): the answer is no object", cause: error)
        }
    }
}

/// The release of an API server. Source: `version.Info`.
package struct ServerVersion: Sendable, Hashable, CustomStringConvertible {
    /// `v1.20.2`, `v1.30.4+k3s1`.
    package let gitVersion: String
    /// Digits only, as some vendors add a `+`; 0 if the server does not say.
    package let major: Int
    package let minor: Int

    init(_ json: JSONValue) {
        func number(_ key: String) -> Int {
            Int((json[key]?.string ?? "").prefix { $0.isASCII && $0.isNumber }) ?? 0
        }
        gitVersion = json["gitVersion"]?.string ?? ""
        major = number("major")
        minor = number("minor")
    }

    package var description: String { gitVersion }
}
