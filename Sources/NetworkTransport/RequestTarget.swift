internal import HTTPTypes
internal import Transport

/// Where a request goes, for the connection and for messages.
struct RequestTarget: Sendable, CustomStringConvertible {
    let method: String
    let scheme: String
    /// Without brackets.
    let host: String
    let port: Int
    /// As it stands in the request.
    let authority: String
    /// With the query, percent-encoded.
    let path: String

    /// - Throws: `.invalid` if the request has no usable scheme, authority or path.
    init(_ head: HTTPRequest) throws(TransportError) {
        method = head.method.rawValue
        scheme = head.scheme ?? ""
        guard scheme == "https" || scheme == "http" else {
            throw TransportError(.invalid, "\(method): no URL of http or https: scheme '\(scheme)'")
        }
        guard let authority = head.authority, let parts = HostAndPort(authority), !parts.host.isEmpty else {
            throw TransportError(.invalid, "\(method): no host in the URL")
        }
        host = parts.host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard let path = head.path, path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw TransportError(.invalid, "\(method) \(parts): the path is not percent-encoded")
        }
        self.authority = authority
        self.path = path
    }

    /// `GET https://10.0.0.1:6443`: never the path or the query, which may hold a signature.
    var description: String { "\(method) \(scheme)://\(HostAndPort(host: host, port: port))" }
}
