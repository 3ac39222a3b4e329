internal import Basics
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
internal import Transport

/// Makes connections: to the server or its proxy, through the proxy, and into TLS.
struct ConnectionMaker: Sendable {
    let settings: ConnectionSettings
    let security: TLSContexts
    let group: MultiThreadedEventLoopGroup

    /// A connection over `route` that is ready for requests.
    func connect(_ route: Route, for pool: ConnectionPool) -> EventLoopFuture<Connection> {
        let context: NIOSSLContext?
        do throws(TransportError) {
            context =
                route.isSecure
                ? try security.context(for: route.identity, checksNames: route.foreignAddress == nil) : nil
        } catch {
            return group.next().makeFailedFuture(error)
        }
        let keepAlive = TimeAmount(settings.keepAlive)
        let secure = security
        return open(route).flatMap { channel in
            let made = secured(channel, route, context).flatMapThrowing { _ -> Connection in
                let handler = ConnectionHandler(keepAlive: keepAlive)
                try checkAddress(channel, route)
                try channel.pipeline.syncOperations.addHandler(handler)
                try channel.syncOptions?.setOption(.autoRead, value: false)
                handler.opened()
                return Connection(channel, handler, pool: pool)
            }
            return limited(made, channel, route).flatMapError { error in
                channel.close(promise: nil)
                guard TransportError.isDistrust(error) else { return channel.eventLoop.makeFailedFuture(error) }
                // The library says no more than that it does not trust: look at the certificate ourselves.
                return certificate(of: route).flatMapThrowing { certificate in
                    throw secure.explanation(of: error, certificate, route, now: time(nil))
                }
            }
        }
    }

    /// The way to the server: TCP, and the tunnel of a proxy.
    private func open(_ route: Route) -> EventLoopFuture<any Channel> {
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.next()
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(settings.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // Few system calls for long answers, little memory for short ones.
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 8192, maximum: 256 << 10)
            )
        guard let proxy = route.proxy else { return bootstrap.connect(host: route.host, port: route.port) }
        let connected = bootstrap.connect(host: proxy.host, port: proxy.port).flatMapErrorThrowing { error in
            let reason = TransportError(error, doing: route.description)
            throw TransportError(.connect, "\(route): the proxy cannot be reached", cause: reason)
        }
        if route.isForwarded { return connected }
        return connected.flatMap { channel in
            let opened = channel.eventLoop.makePromise(of: Void.self)
            do {
                let handler = ProxyHandshakeHandler(ProxyHandshake(route, proxy), opened: opened)
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                opened.fail(error)
            }
            return limited(opened.futureResult.map { channel }, channel, route)
        }
    }

    /// Begins TLS, if there is a context, and waits for it.
    private func secured(
        _ channel: any Channel, _ route: Route, _ context: NIOSSLContext?
    ) -> EventLoopFuture<Void> {
        guard let context else { return channel.eventLoop.makeSucceededVoidFuture() }
        let done = channel.eventLoop.makePromise(of: Void.self)
        do {
            // An address is no name to announce; it is compared with the certificate all the same.
            let name = IPAddress.bytes(route.serverName) == nil ? route.serverName : nil
            let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
            try channel.pipeline.syncOperations.addHandler(handler)
            try channel.pipeline.syncOperations.addHandler(HandshakeAwaiter(done))
        } catch {
            done.fail(error)
        }
        return done.futureResult
    }

    /// Compares the certificate with an address that the connection itself does not lead to.
    private func checkAddress(_ channel: any Channel, _ route: Route) throws {
        guard route.isSecure, security.verifies, let address = route.foreignAddress else { return }
        let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        guard !TLSContexts.certificate(handler.peerCertificate, names: address) else { return }
        throw NIOSSLError.unableToValidateCertificate
    }

    /// Fails, and closes the channel, if `future` takes longer than a connection may.
    private func limited<Value: Sendable>(
        _ future: EventLoopFuture<Value>, _ channel: any Channel, _ route: Route
    ) -> EventLoopFuture<Value> {
        let promise = channel.eventLoop.makePromise(of: Value.self)
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(settings.connectTimeout)) {
            promise.fail(TransportError(.connect, "\(route): no connection in the time allowed"))
            channel.close(promise: nil)
        }
        future.whenComplete { result in
            // Completing a promise twice is harmless in neither order: the timer is gone before.
            timer.cancel()
            promise.completeWith(result)
        }
        return promise.futureResult
    }

    /// The certificate that the server shows, unchecked, on a connection of its own over which nothing is sent; nil if
    /// it cannot be had.
    private func certificate(of route: Route) -> EventLoopFuture<NIOSSLCertificate?> {
        var unchecked = TLSConfiguration.makeClientConfiguration()
        unchecked.certificateVerification = .none
        let configuration = unchecked
        return open(route).flatMap { channel in
            let shown = channel.eventLoop.makePromise(of: NIOSSLCertificate?.self)
            do {
                let context = try NIOSSLContext(configuration: configuration)
                secured(channel, route, context).whenComplete { _ in
                    let handler = try? channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
                    shown.succeed(handler?.peerCertificate)
                    channel.close(promise: nil)
                }
            } catch {
                shown.succeed(nil)
            }
            return limited(shown.futureResult, channel, route)
        }.flatMapErrorThrowing { _ in nil }
    }
}

/// Completes `done` when the TLS handshake does.
private final class HandshakeAwaiter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let done: EventLoopPromise<Void>
    private var isOver = false

    init(_ done: EventLoopPromise<Void>) { self.done = done }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event, !isOver {
            isOver = true
            context.pipeline.syncOperations.removeHandler(context: context).cascade(to: done)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.eof, context)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        done.fail(error)
        context.close(promise: nil)
    }
}
