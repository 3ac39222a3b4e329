import NIOCore
import NIOPosix
import Synchronization

/// A proxy on 127.0.0.1 that opens tunnels by CONNECT, or by SOCKS 5 if a client begins like that.
final class TunnelServer: Sendable {
    private struct State {
        var greetings: [String] = []
    }

    let port: Int
    private let state = Mutex(State())
    /// What a SOCKS client must give; nil for none.
    let socksPassword: String?

    private init(port: Int, socksPassword: String?) {
        self.port = port
        self.socksPassword = socksPassword
    }

    static func run<Result>(
        socksPassword: String? = nil, _ body: (TunnelServer) async throws -> Result
    ) async throws -> Result {
        let relay = Relay()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = relay.server.withLock({ $0 }) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(Doorman(server))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let server = TunnelServer(port: channel.localAddress?.port ?? 0, socksPassword: socksPassword)
        relay.server.withLock { $0 = server }
        defer { channel.close(promise: nil) }
        return try await body(server)
    }

    /// The heads of the CONNECT requests that came.
    var greetings: [String] { state.withLock { $0.greetings } }

    fileprivate func greeted(_ text: String) { state.withLock { $0.greetings.append(text) } }

    private final class Relay: Sendable {
        let server = Mutex<TunnelServer?>(nil)
    }
}

/// Finds out where a tunnel is to lead, then carries bytes both ways.
private final class Doorman: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: TunnelServer
    private var received: [UInt8] = []
    /// Of SOCKS: how many of its messages have come.
    private var step = 0
    private var far: (any Channel)?

    init(_ server: TunnelServer) { self.server = server }

    func channelInactive(context: ChannelHandlerContext) { far?.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let far { return far.writeAndFlush(bytes, promise: nil) }
        received += bytes.readableBytesView
        if step > 0 || received.first == 5 { socks(context) } else { connect(context) }
    }

    private func connect(_ context: ChannelHandlerContext) {
        let text = String(decoding: received, as: UTF8.self)
        guard text.hasSuffix("\r\n\r\n") else { return }
        server.greeted(text)
        let place = text.split(separator: " ")[1].split(separator: ":")
        open(String(place[0]), Int(place[1]) ?? 0, saying: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), context)
    }

    private func socks(_ context: ChannelHandlerContext) {
        defer { received = [] }
        let isAsking = server.socksPassword != nil
        switch step {
        case 0: say(isAsking ? [5, 2] : [5, 0], context)
        case 1 where isAsking:
            let end = String(decoding: received.suffix(server.socksPassword?.utf8.count ?? 0), as: UTF8.self)
            let isRight = end == server.socksPassword && received.count == 3 + 4 + end.utf8.count
            say([1, isRight ? 0 : 1], context)
        default:
            let name = received.dropFirst(5).prefix(Int(received[4]))
            let port = Int(received[received.count - 2]) << 8 | Int(received[received.count - 1])
            let answer: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
            open(String(decoding: name, as: UTF8.self), port, saying: answer, context)
        }
        step += 1
    }

    private func open(_ host: String, _ port: Int, saying answer: [UInt8], _ context: ChannelHandlerContext) {
        let near = context.channel
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Carrier(near))
                }
            }
            .connect(host: host, port: port).whenComplete { result in
                let (doorman, context) = bound.value
                guard case .success(let far) = result else { return context.close(promise: nil) }
                doorman.far = far
                doorman.say(answer, context)
            }
    }

    private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}

/// Carries what the server says to the client.
private final class Carrier: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let near: any Channel

    init(_ near: any Channel) { self.near = near }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        near.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { near.close(promise: nil) }
}
