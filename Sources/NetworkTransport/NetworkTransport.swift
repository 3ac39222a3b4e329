internal import Basics
internal import HTTPTypes
internal import NIOCore
internal import NIOPosix
internal import Synchronization
package import Transport

/// Sends requests over TCP and TLS, with connections that are kept for the next request.
///
/// It speaks HTTP/1.1 only, over a pool of connections for each server. It decodes no Content-Encoding. Response bodies are
/// pulled: while nobody reads, nothing more than a few buffers is taken from the socket. Memory is bounded by the number of
/// connections.
///
/// A GET or HEAD that meets a kept connection just as the server closes it is sent once more on a new one; nothing else is.
///
/// Make one for each server and share it; call `shutdown()` at the end, or use `withNetworkTransport`.
package final class NetworkTransport: HTTPTransport {
    private let settings: ConnectionSettings
    private let maker: ConnectionMaker
    private let state = Mutex(State())

    private struct State {
        /// One for each server, and for each client certificate there.
        var pools: [Route: ConnectionPool] = [:]
        /// The same for requests without a certificate of their own, by scheme and authority: found without thinking.
        var usual: [UsualRoute: ConnectionPool] = [:]
        var isShutDown = false
    }

    private struct UsualRoute: Hashable {
        let isSecure: Bool
        let isUpgrade: Bool
        let authority: String
    }

    /// - Throws: `.tls` if a certificate or key of `settings` cannot be read.
    package init(_ settings: ConnectionSettings = .init(), threads: NetworkThreads = .shared) throws(TransportError) {
        self.settings = settings
        maker = ConnectionMaker(settings: settings, security: try TLSContexts(settings.tls), group: threads.group)
    }

    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let target = try RequestTarget(request.head)
        let (pool, proxy) = try pool(for: request, to: target)
        let bytes = RequestHead.bytes(request, to: target, proxy: proxy)
        var tries = 0
        while true {
            guard !Task.isCancelled else { throw TransportError(.cancelled, "\(target): cancelled") }
            let exchange = Exchange(
                target, bytes: bytes, body: request.body,
                headTimeout: TimeAmount(request.headTimeout ?? settings.headTimeout),
                idleTimeout: TimeAmount(request.idleTimeout ?? settings.idleTimeout))
            let failure: ExchangeFailure
            do throws(ExchangeFailure) {
                return try await send(exchange, over: pool)
            } catch {
                failure = error
            }
            tries += 1
            // Ten connections in a row that ended unused: something on the way closes them all.
            guard tries < 10, request.mayRepeat(after: failure) else { throw failure.error }
        }
    }

    private func send(
        _ exchange: Exchange, over pool: ConnectionPool
    ) async throws(ExchangeFailure) -> TransportResponse {
        let connection: Connection
        do throws(TransportError) {
            connection = try await pool.acquire()
        } catch {
            throw ExchangeFailure(error: error)
        }
        connection.start(exchange)
        if case .stream(let body, let length) = exchange.body, length > 0 {
            await feed(exchange, body, length: length, over: connection)
        }
        let head = try await exchange.response()
        guard head.status == .switchingProtocols else {
            return TransportResponse(head: head, body: ExchangeBody.stream(exchange))
        }
        let outbound = OutboundBytes { (bytes) async throws(TransportError) in
            try await exchange.write(bytes, over: connection)
        }
        return TransportResponse(head: head, body: ExchangeBody.stream(exchange), outbound: outbound)
    }

    /// Sends the streamed body of a request, until it ends or the answer comes.
    private func feed(_ exchange: Exchange, _ body: ByteStream, length: Int64, over connection: Connection) async {
        var rest = length
        do {
            for try await chunk in body where chunk.readableBytes > 0 {
                rest -= Int64(chunk.readableBytes)
                guard rest >= 0 else { break }
                guard await exchange.send(chunk, isLast: rest == 0, over: connection), rest > 0 else { break }
            }
        } catch {
            let text = "\(exchange.target): what was to be sent could not be read"
            return exchange.end(
                error is CancellationError
                    ? TransportError(.cancelled, "\(exchange.target): cancelled")
                    : TransportError(.broken, text, cause: error))
        }
        guard rest != 0, !exchange.isAnswered else { return }
        exchange.end(
            TransportError(
                .invalid, "\(exchange.target): the body is \(rest > 0 ? "shorter" : "longer") than announced"))
    }

    /// Closes every connection; requests under way fail with `.cancelled`. Harmless when called again.
    package func shutdown() async {
        let pools = state.withLock { state in
            state.isShutDown = true
            defer { (state.pools, state.usual) = ([:], [:]) }
            return Array(state.pools.values)
        }
        for pool in pools { await pool.shutDown() }
    }

    /// The connections for `request`, and the proxy that hands it on, if there is one.
    private func pool(
        for request: TransportRequest, to target: RequestTarget
    ) throws(TransportError) -> (ConnectionPool, ProxyEndpoint?) {
        let usual = UsualRoute(
            isSecure: target.scheme == "https", isUpgrade: request.isUpgrade, authority: target.authority)
        let known = state.withLock { state in request.identity == nil ? state.usual[usual] : nil }
        if let known { return (known, known.forwarder) }
        let route = Route(
            isSecure: usual.isSecure, host: target.host, port: target.port,
            serverName: settings.tls.serverName ?? target.host,
            proxy: settings.proxies.endpoint(scheme: target.scheme, host: target.host, port: target.port),
            identity: request.identity, isForUpgrades: request.isUpgrade)
        let pool = state.withLock { state -> ConnectionPool? in
            if state.isShutDown { return nil }
            let pool = state.pools[route] ?? makePool(route)
            state.pools[route] = pool
            // Bounded for whoever asks of ever new hosts; the pools themselves are few where it matters.
            if request.identity == nil, state.usual.count < 256 { state.usual[usual] = pool }
            return pool
        }
        guard let pool else { throw TransportError(.cancelled, "\(target): the connections were shut down") }
        return (pool, pool.forwarder)
    }

    private func makePool(_ route: Route) -> ConnectionPool {
        ConnectionPool(
            route, limit: settings.connectionsPerHost, patience: TimeAmount(settings.connectTimeout),
            group: maker.group
        ) { [maker] pool in maker.connect(route, for: pool) }
    }
}

extension TransportRequest {
    /// Whether it is right to send this again: the server cannot have acted on it, or it changes nothing.
    fileprivate func mayRepeat(after failure: ExchangeFailure) -> Bool {
        switch body {
        case .stream: false
        case .bytes: failure.isUnsent
        case .empty:
            failure.isUnsent || failure.isStale && !isUpgrade && (head.method == .get || head.method == .head)
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// Gives `body` a transport and closes its connections afterwards, whether or not an error was thrown.
package func withNetworkTransport<Result>(
    _ settings: ConnectionSettings = .init(), threads: NetworkThreads = .shared,
    _ body: (NetworkTransport) async throws -> Result
) async throws -> Result {
    let transport = try NetworkTransport(settings, threads: threads)
    do {
        let result = try await body(transport)
        await transport.shutdown()
        return result
    } catch {
        await transport.shutdown()
        throw error
    }
}

/// The threads that read and write sockets. One set serves every transport of the process.
package struct NetworkThreads: Sendable {
    let group: MultiThreadedEventLoopGroup

    /// As many threads as the machine has cores; lives as long as the process.
    package static let shared = NetworkThreads(group: .singleton)

    private init(group: MultiThreadedEventLoopGroup) { self.group = group }

    /// Own threads, to be ended by `shutdown()` after the transports that use them.
    package init(count: Int) { group = MultiThreadedEventLoopGroup(numberOfThreads: count) }

    package func shutdown() async {
        try? await group.shutdownGracefully()  // It fails only if it was shut down before.
    }
}
