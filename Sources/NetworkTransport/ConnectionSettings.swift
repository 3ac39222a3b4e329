package import Transport

/// How a `NetworkTransport` connects, and how long it waits.
package struct ConnectionSettings: Sendable, Hashable {
    package var tls: TLSSettings
    package var proxies: ProxySettings
    /// At most so many connections to one host at a time; more requests wait in line. A watch holds one as long as it
    /// lasts.
    package var connectionsPerHost: Int
    /// For the connection, the proxy's answer and the TLS handshake together, and for the wait in line.
    package var connectTimeout: Duration
    /// How long the head of an answer may take after the request was sent, unless the request says otherwise.
    package var headTimeout: Duration
    /// How long the body of an answer may be silent while somebody waits for it, unless the request says otherwise.
    package var idleTimeout: Duration
    /// An unused connection is closed after this time.
    package var keepAlive: Duration

    package init(
        tls: TLSSettings = TLSSettings(), proxies: ProxySettings = .direct, connectionsPerHost: Int = 64,
        connectTimeout: Duration = .seconds(10), headTimeout: Duration = .seconds(60),
        idleTimeout: Duration = .seconds(60), keepAlive: Duration = .seconds(60)
    ) {
        precondition(connectionsPerHost > 0, "a transport without connections would never send anything")
        self.tls = tls
        self.proxies = proxies
        self.connectionsPerHost = connectionsPerHost
        self.connectTimeout = connectTimeout
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
        self.keepAlive = keepAlive
    }
}
