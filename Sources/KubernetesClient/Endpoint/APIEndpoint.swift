package import Transport

/// Where an API server is and how its connections are secured.
package struct APIEndpoint: Sendable, Hashable {
    /// `https` or `http`.
    package let scheme: String
    package let authority: HostAndPort
    /// What stands before `/api`: empty, or a path such as `/k8s/clusters/c-1` without a slash at its end.
    package let basePath: String
    /// For whoever makes the transport.
    package var tls: TLSSettings
    /// For whoever makes the transport; nil: as the environment says.
    package var proxy: ProxyEndpoint?
    /// The namespace of requests that name none.
    package var namespace: String

    /// - Parameter url: `https://10.0.0.1:6443`, `https://host/k8s/clusters/c-1`, `host:6443`.
    /// - Throws: `.configuration` if it is no such URL.
    package init(
        _ url: String, tls: TLSSettings = TLSSettings(), proxy: ProxyEndpoint? = nil, namespace: String = "default"
    ) throws(APIError) {
        var rest = url[...]
        var scheme = "http"  // As client-go has it for a server without a scheme.
        if let separator = rest.firstRange(of: "://") {
            scheme = rest[..<separator.lowerBound].lowercased()
            rest = rest[separator.upperBound...]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        guard scheme == "https" || scheme == "http", let authority = HostAndPort(String(rest[..<slash])),
            !authority.host.isEmpty, path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "?") })
        else {
            throw APIError(.configuration, "the server's address '\(url)' is no URL; expected https://host:port")
        }
        self.scheme = scheme
        self.authority = authority
        basePath = String(path)
        self.tls = tls
        self.proxy = proxy
        self.namespace = namespace
    }
}
