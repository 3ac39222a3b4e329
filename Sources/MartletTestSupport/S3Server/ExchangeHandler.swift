internal import Basics
internal import Glibc
internal import NIOCore
internal import NIOHTTP1

/// One connection to an `S3TestServer`: collects a request, asks the server about it, and answers or fails to.
///
/// Bound: a body of at most 512 MiB.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: S3TestServer
    private let id: Int
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var pings: RepeatedTask?

    static let largestBody = 512 << 20

    init(server: S3TestServer, id: Int) {
        self.server = server
        self.id = id
    }

    func channelInactive(context: ChannelHandlerContext) {
        pings?.cancel()
        server.forget(id)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
        case .body(var chunk):
            guard body.readableBytes + chunk.readableBytes <= ExchangeHandler.largestBody else {
                return context.close(promise: nil)
            }
            if body.readableBytes == 0 { body = chunk } else { body.writeBuffer(&chunk) }
        case .end:
            guard let head else { return }
            self.head = nil
            let fields = head.headers.map { ServedField(name: $0.name.lowercased(), value: $0.value) }
            let request = ServerRequest(
                method: head.method.rawValue, target: head.uri, headers: fields, body: body)
            body = ByteBuffer()
            switch request.map(server.judge) ?? .answer(Refusal.argument("the target").answer, nil) {
            case .silence: break
            case .answer(let answer, let fault): respond(answer, fault, to: head, context)
            }
        }
    }

    private func respond(
        _ answer: ServerAnswer, _ fault: S3Fault?, to request: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        switch fault {
        case .reset, .loseAnswer: return reset(context)
        case .delay(let milliseconds):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                let (handler, context) = bound.value
                handler.write(answer, nil, to: request, context)
            }
        default: write(answer, fault, to: request, context)
        }
    }

    private func write(
        _ answer: ServerAnswer, _ fault: S3Fault?, to request: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
        for field in answer.headers { head.headers.add(name: field.name, value: field.value) }
        head.headers.add(name: "date", value: httpDate(server.now))
        head.headers.add(name: "x-amz-request-id", value: "TEST")
        if let listening = answer.listening {
            head.headers.add(name: "transfer-encoding", value: "chunked")
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            return listen(listening, context)
        }
        var body = answer.body
        if answer.status != 204 { head.headers.add(name: "content-length", value: "\(body.readableBytes)") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if case .flip(let place) = fault, let byte: UInt8 = body.getInteger(at: body.readerIndex + place) {
            body.setInteger(byte ^ 1, at: body.readerIndex + place)
        }
        let limit = fault?.bodyLimit
        if let limit, limit < body.readableBytes { body = body.getSlice(at: body.readerIndex, length: limit) ?? body }
        if request.method != .HEAD, body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        if limit == nil { context.write(wrapOutboundOut(.end(nil)), promise: nil) }
        context.flush()
        if case .tear = fault { reset(context) }
        if limit == nil, !request.isKeepAlive { context.close(promise: nil) }
    }

    /// Begins to tell events, with a sign of life now and then.
    private func listen(_ listening: Listening, _ context: ChannelHandlerContext) {
        server.add(ServerState.Listener(channel: context.channel, wants: listening), id)
        let pause = listening.ping.map { TimeAmount.seconds(Int64($0)) } ?? .milliseconds(500)
        let text = listening.ping == nil ? " " : "{\"Records\":null}\n"
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in
            let (handler, context) = bound.value
            guard !handler.server.isSilent else { return }
            context.writeAndFlush(handler.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
    }

    /// Closes so that the peer sees a reset, not an end.
    private func reset(_ context: ChannelHandlerContext) { context.channel.reset() }
}

extension S3Fault {
    /// How many bytes of a body arrive; nil for all.
    fileprivate var bodyLimit: Int? {
        switch self {
        case .tear(let count), .hangBody(let count): count
        default: nil
        }
    }
}

extension Channel {
    /// Closes at once: what was not sent is lost, and the peer sees a reset. Call it on the channel's event loop.
    func reset() {
        let now = linger(l_onoff: 1, l_linger: 0)
        let closing = (self as? any SocketOptionProvider)?.setSoLinger(now)
        closing?.whenComplete { _ in self.close(promise: nil) }
        if closing == nil { close(promise: nil) }
    }
}
