package import Basics

/// Which requests go through which proxy. Values only: nothing here reads the environment.
package struct ProxySettings: Sendable, Hashable {
    /// For `https` targets, and for `http` targets.
    package var https: ProxyEndpoint?
    package var http: ProxyEndpoint?
    /// Hosts that are reached directly, as `NO_PROXY` lists them.
    package var bypass: [ProxyBypass]
    /// Whether the machine itself is reached directly whatever else is said, as Go does with proxies of the
    /// environment, but not with one that was given explicitly.
    package var reachesLoopbackDirectly = true

    package static let direct = ProxySettings()

    /// One proxy for every request, as kubeconfig's `proxy-url` asks.
    package static func all(_ endpoint: ProxyEndpoint) -> ProxySettings {
        var settings = ProxySettings(https: endpoint, http: endpoint)
        settings.reachesLoopbackDirectly = false
        return settings
    }

    package init(https: ProxyEndpoint? = nil, http: ProxyEndpoint? = nil, bypass: [ProxyBypass] = []) {
        self.https = https
        self.http = http
        self.bypass = bypass
    }

    /// As the usual variables say: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, each also in lower case; the upper case one
    /// wins. Source: Go's `net/http.ProxyFromEnvironment`, which kubectl and the S3 tools follow.
    /// - Throws: `.invalid` that names the variable, if one is no proxy URL.
    package init(environment: [String: String]) throws(TransportError) {
        func value(_ name: String) -> String? {
            for key in [name, name.lowercased()] {
                if let text = environment[key], !text.isEmpty { return text }
            }
            return nil
        }
        func endpoint(_ name: String) throws(TransportError) -> ProxyEndpoint? {
            guard let text = value(name) else { return nil }
            guard let endpoint = ProxyEndpoint(text) else {
                throw TransportError(.invalid, "\(name) is no proxy URL; expected http://[user:password@]host:port")
            }
            return endpoint
        }
        https = try endpoint("HTTPS_PROXY")
        http = try endpoint("HTTP_PROXY")
        bypass = (value("NO_PROXY") ?? "").split { ",; ".contains($0) }.map { ProxyBypass(String($0)) }
    }

    /// The proxy for one target; nil for a direct connection.
    package func endpoint(scheme: String, host: String, port: Int) -> ProxyEndpoint? {
        guard let endpoint = scheme == "https" ? https : http else { return nil }
        let name = host.lowercased()
        let isLoopback = name == "localhost" || name.hasPrefix("127.") || name == "::1" || name == "[::1]"
        if reachesLoopbackDirectly, isLoopback { return nil }
        return bypass.contains { $0.matches(host: name, port: port) } ? nil : endpoint
    }
}

/// One proxy. Targets are reached through `CONNECT`, or by SOCKS 5.
package struct ProxyEndpoint: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case http, socks5 }

    package let kind: Kind
    package let host: String
    package let port: Int
    package let user: String?
    package let password: Secret?

    package init(kind: Kind = .http, host: String, port: Int, user: String? = nil, password: Secret? = nil) {
        self.kind = kind
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    /// Reads `http://user:password@host:port`, `socks5://host:port`, `host:port`; nil for anything else. A proxy that is
    /// itself reached by TLS is not offered.
    package init?(_ text: String) {
        var rest = text[...]
        var kind = Kind.http
        if let scheme = rest.firstRange(of: "://") {
            switch rest[..<scheme.lowerBound].lowercased() {
            case "http": kind = .http
            case "socks5", "socks5h": kind = .socks5
            default: return nil
            }
            rest = rest[scheme.upperBound...]
        }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        var user: String?
        var password: Secret?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let decodedUser = PercentEncoding.decode(parts[0]) else { return nil }
            user = decodedUser
            if parts.count == 2 {
                guard let decoded = PercentEncoding.decode(parts[1]) else { return nil }
                password = Secret(decoded)
            }
            rest = rest[rest.index(after: at)...]
        }
        guard let authority = HostAndPort(String(rest)), !authority.host.isEmpty else { return nil }
        self.init(
            kind: kind, host: authority.host, port: authority.port ?? (kind == .http ? 80 : 1080), user: user,
            password: password)
    }
}

/// One entry of `NO_PROXY`: `*`, a domain with its subdomains, an address, or a range of IPv4 addresses.
package struct ProxyBypass: Sendable, Hashable {
    private enum Rule: Hashable {
        case all
        /// Matches the name itself, if `includesSelf`, and everything below it.
        case domain(String, includesSelf: Bool)
        case range(network: UInt32, mask: UInt32)
    }

    private let rule: Rule
    private let port: Int?

    package init(_ text: String) {
        let entry = text.lowercased()
        if entry == "*" {
            (rule, port) = (.all, nil)
        } else if let range = ProxyBypass.range(entry) {
            (rule, port) = (range, nil)
        } else {
            let authority = HostAndPort(entry) ?? HostAndPort(host: entry, port: nil)
            port = authority.port
            var name = authority.host[...]
            if name.hasPrefix("*.") { name = name.dropFirst() }
            rule = .domain(String(name.drop { $0 == "." }), includesSelf: !name.hasPrefix("."))
        }
    }

    /// `host` in lower case, IPv6 without or with brackets.
    func matches(host: String, port: Int) -> Bool {
        if let wanted = self.port, wanted != port { return false }
        let host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        switch rule {
        case .all: return true
        case .domain(let name, let includesSelf):
            return includesSelf && host == name || host.hasSuffix("." + name)
        case .range(let network, let mask):
            return ProxyBypass.address(host).map { $0 & mask == network } ?? false
        }
    }

    private static func range(_ text: String) -> Rule? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = address(String(parts[0])), let bits = Int(parts[1]), (0...32).contains(bits)
        else { return nil }
        let mask: UInt32 = bits == 0 ? 0 : ~0 << UInt32(32 - bits)
        return .range(network: base & mask, mask: mask)
    }

    private static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = UInt8(part) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }
}
