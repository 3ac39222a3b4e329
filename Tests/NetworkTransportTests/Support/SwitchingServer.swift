import HTTPTypes
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Transport

/// A server on 127.0.0.1 that opens WebSockets and says back what it hears, in small pieces.
final class SwitchingServer: Sendable {
    let port: Int
    private let state = Mutex((heads: [String](), messages: [WebSocketMessage]()))

    private init(port: Int) { self.port = port }

    static func run<Result>(
        tls: NIOSSLContext? = nil, isMute: Bool = false, _ body: (SwitchingServer) async throws -> Result
    ) async throws -> Result {
        let relay = Relay()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    guard let server = relay.server.withLock({ $0 }) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(Echo(server, isMute: isMute))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let server = SwitchingServer(port: channel.localAddress?.port ?? 0)
        relay.server.withLock { $0 = server }
        defer { channel.close(promise: nil) }
        return try await body(server)
    }

    var heads: [String] { state.withLock { $0.heads } }
    var messages: [WebSocketMessage] { state.withLock { $0.messages } }

    fileprivate func heard(_ head: String) { state.withLock { $0.heads.append(head) } }
    fileprivate func heard(_ message: WebSocketMessage) { state.withLock { $0.messages.append(message) } }

    func request(_ handshake: WebSocketHandshake, scheme: String = "http", idleTimeout: Duration? = nil)
        -> TransportRequest
    {
        var head = HTTPRequest(
            method: .get, scheme: scheme, authority: "127.0.0.1:\(port)", path: "/exec?secret=SECRET",
            headerFields: [.authorization: "Bearer SECRET"])
        handshake.add(to: &head.headerFields)
        var request = TransportRequest(head: head, idleTimeout: idleTimeout)
        request.isUpgrade = true
        return request
    }

    private final class Relay: Sendable {
        let server = Mutex<SwitchingServer?>(nil)
    }
}

private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: SwitchingServer
    private let isMute: Bool
    private var head = ""
    private var parser: WebSocketParser?

    init(_ server: SwitchingServer, isMute: Bool) {
        self.server = server
        self.isMute = isMute
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard parser == nil else { return answer(bytes, context) }
        head += String(buffer: bytes)
        guard head.hasSuffix("\r\n\r\n") else { return }
        server.heard(head)
        open(context)
    }

    private func open(_ context: ChannelHandlerContext) {
        var request = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/")
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if let name = HTTPField.Name(String(parts[0])) {
                request.headerFields[name] = String(parts[1].drop { $0 == " " })
            }
        }
        guard let (answer, _) = WebSocketHandshake.answer(to: request, supported: ["echo"]) else {
            return say("HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nnope", context)
        }
        parser = WebSocketParser(isServer: true)
        var text = "HTTP/1.1 101 Switching Protocols\r\n"
        for field in answer.headerFields { text += "\(field.name): \(field.value)\r\n" }
        say(text + "\r\n", context)
    }

    private func answer(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        for message in (try? parser?.feed(bytes)) ?? [] {
            server.heard(message)
            guard !isMute else { continue }
            switch message {
            case .binary(let payload):
                let half = payload.count / 2
                let frames = [
                    WebSocketFrame(.binary, Array(payload[..<half]), isLast: false), WebSocketFrame(.ping, [1]),
                    WebSocketFrame(.continuation, Array(payload[half...])),
                ]
                for frame in frames {
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame.encoded(mask: nil))), promise: nil)
                }
            case .close: context.close(promise: nil)
            case .text, .ping, .pong: break
            }
        }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
