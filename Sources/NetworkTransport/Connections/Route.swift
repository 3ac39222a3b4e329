internal import Basics
internal import Transport

/// What connections must have in common to be kept together.
struct Route: Hashable, CustomStringConvertible {
    let isSecure: Bool
    /// Where the server is; for plain requests through an HTTP proxy, the proxy itself serves them all.
    let host: String
    let port: Int
    /// What the server's certificate must say.
    let serverName: String
    let proxy: ProxyEndpoint?
    let identity: ClientIdentity?
    /// Connections that change their protocol: never shared with ordinary requests, so that none is stale when it is used,
    /// and always a tunnel, because a proxy that hands requests on need not hand on what follows.
    var isForUpgrades = false

    /// A connection to an HTTP proxy that hands requests on, instead of a tunnel.
    var isForwarded: Bool { !isSecure && proxy?.kind == .http && !isForUpgrades }

    /// The address that the server's certificate must name, if it is not the one that the connection leads to: of a proxy,
    /// or of another host that serves under this address.
    var foreignAddress: [UInt8]? {
        proxy != nil || serverName != host ? IPAddress.bytes(serverName) : nil
    }

    var description: String {
        let place = HostAndPort(host: host, port: port)
        guard let proxy else { return "\(place)" }
        return "\(place) through the proxy \(HostAndPort(host: proxy.host, port: proxy.port))"
    }
}

extension ProxyEndpoint {
    /// What `Proxy-Authorization` says; a secret. Source: RFC 7617.
    var authorization: String? {
        user.map { "Basic " + Base64.encode(Array("\($0):\(password?.reveal() ?? "")".utf8)) }
    }
}
