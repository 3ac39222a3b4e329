import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on 127.0.0.1 that says exactly what a test wants, byte by byte, and remembers what it was asked.
final class RawServer: Sendable {
    enum Step: Sendable {
        case say(String)
        /// The same, each byte by itself.
        case spell(String)
        case close
        case reset
    }

    /// A request: which of the server's connections it came over, from 1, and the bytes as text.
    struct Request: Sendable {
        let connection: Int
        let text: String

        var line: String { String(text.prefix { $0 != "\r\n" }) }
        var body: String { text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }
    }

    /// What is done about a request.
    typealias Script = @Sendable (Request) -> [Step]

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open = 0
        var mostOpen = 0
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
        var hasClosed = false
    }

    let port: Int
    private let channel: any Channel
    private let state: Mutex<State>

    private init(_ channel: any Channel, _ state: consuming Mutex<State>) {
        self.channel = channel
        self.state = state
        port = channel.localAddress?.port ?? 0
    }

    /// Runs `body` with a server that follows `script`.
    static func run<Result>(
        tls: NIOSSLContext? = nil, _ script: @escaping Script, _ body: (RawServer) async throws -> Result
    ) async throws -> Result {
        let relay = Relay()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    guard let server = relay.server.withLock({ $0 }) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(RawHandler(server, script))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let server = RawServer(channel, Mutex(State()))
        relay.server.withLock { $0 = server }
        defer { channel.close(promise: nil) }
        return try await body(server)
    }

    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }
    /// The most connections that were open at a time.
    var mostOpen: Int { state.withLock { $0.mostOpen } }
    var open: Int { state.withLock { $0.open } }

    /// Waits until the other side has closed a connection.
    func someClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.hasClosed { state.closeWaiters.append(continuation) }
                return state.hasClosed
            }
            if isClosed { continuation.resume() }
        }
    }

    fileprivate func connected() -> Int {
        state.withLock { state in
            state.connections += 1
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
            return state.connections
        }
    }

    fileprivate func closed() {
        let waiters = state.withLock { state in
            state.open -= 1
            state.hasClosed = true
            defer { state.closeWaiters = [] }
            return state.closeWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    fileprivate func asked(_ request: Request) { state.withLock { $0.requests.append(request) } }

    private final class Relay: Sendable {
        let server = Mutex<RawServer?>(nil)
    }
}

/// Collects requests, with bodies of a Content-Length, and follows the script.
private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: RawServer
    private let script: RawServer.Script
    private var number = 0
    private var received = ByteBuffer()
    /// The length of the request that is coming in, once its head is there.
    private var wanted: Int?

    init(_ server: RawServer, _ script: @escaping RawServer.Script) {
        self.server = server
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) { number = server.connected() }

    func channelInactive(context: ChannelHandlerContext) { server.closed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let length = lengthOfRequest(), let text = received.readString(length: length) {
            wanted = nil
            let request = RawServer.Request(connection: number, text: text)
            server.asked(request)
            for step in script(request) { follow(step, context) }
        }
    }

    /// Nil until the request is whole.
    private func lengthOfRequest() -> Int? {
        if wanted == nil {
            let view = received.readableBytesView
            guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let head = String(decoding: view[..<end.lowerBound], as: UTF8.self).lowercased()
            let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            let body = field.flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
            wanted = end.upperBound - view.startIndex + body
        }
        return wanted.flatMap { received.readableBytes >= $0 ? $0 : nil }
    }

    private func follow(_ step: RawServer.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .say(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .spell(let text):
            for byte in text.utf8 {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
            }
        case .close: context.close(promise: nil)
        case .reset:
            let now = linger(l_onoff: 1, l_linger: 0)
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(now)
            // From beneath TLS, which would take leave otherwise.
            let beneath = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
            (beneath ?? context).close(promise: nil)
        }
    }
}
