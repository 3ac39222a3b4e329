internal import Basics
internal import NIOCore
internal import Transport

/// Talks to a proxy until it has opened a tunnel to the server. A value without I/O.
///
/// Bound: a proxy's answer of at most 16 KiB. Sources: RFC 9110, section 9.3.6 (CONNECT); RFC 1928 and RFC 1929 (SOCKS 5).
struct ProxyHandshake {
    enum Step {
        case send([UInt8])
        /// More bytes are needed.
        case wait
        case open
        case failed(TransportError)
    }

    private enum Phase { case connect, methods, password, request }

    private let route: Route
    private let proxy: ProxyEndpoint
    private var phase: Phase
    private var received: [UInt8] = []

    static let longestAnswer = 16 << 10

    init(_ route: Route, _ proxy: ProxyEndpoint) {
        self.route = route
        self.proxy = proxy
        phase = proxy.kind == .http ? .connect : .methods
    }

    /// What the proxy is sent first.
    var opening: [UInt8] {
        switch proxy.kind {
        case .http:
            let target = HostAndPort(host: route.host, port: route.port)
            var text = "CONNECT \(target) HTTP/1.1\r\nhost: \(target)\r\n"
            if let authorization = proxy.authorization { text += "proxy-authorization: \(authorization)\r\n" }
            return Array("\(text)\r\n".utf8)
        case .socks5: return proxy.user == nil ? [5, 1, 0] : [5, 2, 0, 2]
        }
    }

    mutating func receive(_ bytes: some Sequence<UInt8>) -> Step {
        received += bytes
        guard received.count <= ProxyHandshake.longestAnswer else { return refused("its answer has no end") }
        switch phase {
        case .connect: return connected()
        case .methods: return methodChosen()
        case .password:
            guard received.count >= 2 else { return .wait }
            guard received[1] == 0 else { return refused("it does not accept the user and the password") }
            return request()
        case .request: return tunnelled()
        }
    }

    private mutating func connected() -> Step {
        let text = String(decoding: received, as: UTF8.self)
        guard text.hasSuffix("\r\n\r\n") || text.contains("\r\n\r\n") else { return .wait }
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return refused("it does not answer as an HTTP proxy")
        }
        switch status {
        case 200..<300: return .open
        case 407: return refused("it wants a user and a password that it knows")
        default: return refused("it answers CONNECT with status \(status)")
        }
    }

    private mutating func methodChosen() -> Step {
        guard received.count >= 2 else { return .wait }
        guard received[0] == 5 else { return refused("it does not answer as a SOCKS 5 proxy") }
        switch received[1] {
        case 0: return request()
        case 2:
            let user = Array((proxy.user ?? "").utf8)
            let password = Array((proxy.password?.reveal() ?? "").utf8)
            guard user.count < 256, password.count < 256 else { return refused("the user or the password is too long") }
            received = []
            phase = .password
            return .send([1, UInt8(user.count)] + user + [UInt8(password.count)] + password)
        default: return refused("it wants a user and a password")
        }
    }

    /// The name goes as it is: the proxy may know hosts that are not known here.
    private mutating func request() -> Step {
        let name = Array(route.host.utf8)
        guard name.count < 256 else { return refused("the name of the host is too long") }
        received = []
        phase = .request
        return .send([5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(route.port >> 8), UInt8(route.port & 255)])
    }

    private func tunnelled() -> Step {
        guard received.count >= 5 else { return .wait }
        guard received[1] == 0 else { return refused("it cannot reach the server (SOCKS reply \(received[1]))") }
        let address =
            switch received[3] {
            case 1: 4
            case 4: 16
            default: 1 + Int(received[4])
            }
        return received.count >= 6 + address ? .open : .wait
    }

    private func refused(_ reason: String) -> Step {
        .failed(TransportError(.connect, "\(route): the proxy refused the connection: \(reason)"))
    }
}

/// Puts a `ProxyHandshake` into a pipeline; takes itself out when the tunnel is open.
final class ProxyHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var handshake: ProxyHandshake
    private let opened: EventLoopPromise<Void>
    private var isOver = false

    init(_ handshake: ProxyHandshake, opened: EventLoopPromise<Void>) {
        self.handshake = handshake
        self.opened = opened
    }

    func handlerAdded(context: ChannelHandlerContext) { send(handshake.opening, context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return context.fireChannelRead(data) }
        switch handshake.receive(unwrapInboundIn(data).readableBytesView) {
        case .wait: break
        case .send(let bytes): send(bytes, context)
        case .open:
            isOver = true
            context.pipeline.syncOperations.removeHandler(context: context).cascade(to: opened)
        case .failed(let error): end(error, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(error, context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(ChannelError.eof, context)
        context.fireChannelInactive()
    }

    private func end(_ error: any Error, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        opened.fail(error)
        context.close(promise: nil)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
