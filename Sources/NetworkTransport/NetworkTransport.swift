internal import AsyncHTTPClient
internal import Basics
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
package import Transport

/// Sends requests over TCP and TLS, with connections that are kept for the next request.
///
/// It speaks HTTP/1.1 only, over a pool of connections. It decodes no Content-Encoding. Response bodies are pulled: while
/// nobody reads, nothing more than a few buffers is taken from the socket. Memory is bounded by the number of connections.
///
/// Make one for each server and share it; call `shutdown()` at the end, or use `withNetworkTransport`.
package final class NetworkTransport: HTTPTransport {
    private let settings: ConnectionSettings
    private let threads: NetworkThreads
    private let tls: TLSConfiguration
    private let state = Mutex(State())

    /// What connections must have in common to be kept together.
    private struct Way: Hashable {
        let proxy: ProxyEndpoint?
        /// In seconds.
        let silence: Int64
        /// The host to reach under another name, if the settings ask for one.
        let namedHost: String?
    }

    private struct State {
        /// One for each way out; few, as silence is rounded up.
        var clients: [Way: HTTPClient] = [:]
        var identities: [ClientIdentity: TLSConfiguration] = [:]
        var isShutDown = false
    }

    /// - Throws: `.tls` if a certificate or key of `settings` cannot be read.
    package init(_ settings: ConnectionSettings = .init(), threads: NetworkThreads = .shared) throws(TransportError) {
        self.settings = settings
        self.threads = threads
        tls = try settings.tls.configuration(identity: settings.tls.identity)
    }

    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let target = try RequestTarget(request.head, serverName: settings.tls.serverName)
        do {
            let client = try client(for: request, to: target)
            let response = try await client.execute(outgoing(request, to: target), deadline: deadline(of: request))
            return TransportResponse(
                head: HTTPResponse(response), body: BodyStream.make(response.body, target: target))
        } catch {
            throw TransportError(error, target: target)
        }
    }

    /// When the head of the answer must be there. Sending a large body takes the time it takes, as long as bytes move.
    private func deadline(of request: TransportRequest) -> NIODeadline {
        let headTimeout = TimeAmount(settings.connectTimeout + (request.headTimeout ?? settings.headTimeout))
        switch request.body {
        case .bytes(let buffer) where buffer.readableBytes > 1 << 20: return .distantFuture
        case .stream: return .distantFuture
        case .empty, .bytes: return .now() + headTimeout
        }
    }

    /// Closes every connection; requests under way fail with `.cancelled`. Harmless when called again.
    package func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.clients = [:] }
            return Array(state.clients.values)
        }
        for client in clients {
            try? await client.shutdown()  // It fails only if somebody else shut it down before.
        }
    }

    private func client(for request: TransportRequest, to target: RequestTarget) throws(TransportError) -> HTTPClient {
        let longest = max(
            request.idleTimeout ?? settings.idleTimeout, request.headTimeout ?? settings.headTimeout)
        let way = Way(
            proxy: settings.proxies.endpoint(scheme: target.scheme, host: target.host, port: target.port),
            silence: longest == max(settings.idleTimeout, settings.headTimeout)
                ? longest.components.seconds : (longest.components.seconds / 300 + 1) * 300,
            namedHost: target.isRenamed ? target.host : nil)
        let client = state.withLock { state -> HTTPClient? in
            if state.isShutDown { return nil }
            if let client = state.clients[way] { return client }
            let client = makeClient(way)
            state.clients[way] = client
            return client
        }
        guard let client else {
            throw TransportError(.cancelled, "\(target): the connections were shut down")
        }
        return client
    }

    private func makeClient(_ way: Way) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connectionsPerHost
        configuration.connectionPool.idleTimeout = TimeAmount(settings.keepAlive)
        // A refused connection is an answer to pass on; the one retry wrapper decides about another try.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = way.proxy.map(HTTPClient.Configuration.Proxy.init)
        if let host = way.namedHost, let name = settings.tls.serverName { configuration.dnsOverride = [name: host] }
        // The only way into the pipeline that the library offers. Its own read timeout would also run while the reader
        // of an answer takes its time.
        let silence = TimeAmount.seconds(max(1, way.silence))
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.submit {
                try channel.pipeline.syncOperations.addHandler(SilenceHandler(limit: silence), position: .first)
            }
        }
        return HTTPClient(eventLoopGroupProvider: .shared(threads.group), configuration: configuration)
    }

    private func outgoing(_ request: TransportRequest, to target: RequestTarget) throws -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: target.url)
        outgoing.method = HTTPMethod(rawValue: request.head.method.rawValue)
        outgoing.headers.reserveCapacity(request.head.headerFields.count + 1)
        if target.isRenamed { outgoing.headers.add(name: "Host", value: target.authority) }
        for field in request.head.headerFields {
            outgoing.headers.add(name: field.name.rawName, value: field.value)
        }
        switch request.body {
        case .empty: break
        case .bytes(let buffer): outgoing.body = .bytes(buffer)
        case .stream(let stream, let length): outgoing.body = .stream(stream, length: .known(length))
        }
        if let identity = request.identity { outgoing.tlsConfiguration = try configuration(for: identity) }
        return outgoing
    }

    private func configuration(for identity: ClientIdentity) throws(TransportError) -> TLSConfiguration {
        if let known = state.withLock({ $0.identities[identity] }) { return known }
        let configuration = try settings.tls.configuration(identity: identity)
        state.withLock { state in
            // Identities rotate every few minutes at most; old ones are dropped together.
            if state.identities.count >= 16 { state.identities = [:] }
            state.identities[identity] = configuration
        }
        return configuration
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
