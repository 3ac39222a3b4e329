internal import HTTPTypes
internal import NIOCore
internal import Transport

/// Carries one exchange after another over one connection. Everything here happens on the connection's event loop.
///
/// Nothing is read but what an exchange wants, or, between exchanges, to notice that the server closes the connection. One
/// timer lives as long as the connection and is set anew only when it fires, so that a request costs no more than taking
/// down the time.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is sent of a long body before its progress is looked at.
    private static let slice = 256 << 10

    private let keepAlive: TimeAmount
    private var connection: Connection?
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var parser = ResponseParser()
    private var hasAnswered = false
    /// How many exchanges began here.
    private var uses = 0
    private var lastError: (any Error)?

    // Of the request under way.
    private var unsent = ByteBuffer()
    private var isSendingSlice = false
    private var hasLastPiece = true
    private var isFed = false

    private var lastMove = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture

    init(keepAlive: TimeAmount) { self.keepAlive = keepAlive }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        self.context = nil
        // It holds on to this handler in turn.
        connection = nil
    }

    /// The connection is made. From here on it notices that the server closes it, and ends when nobody uses it.
    func opened() {
        guard let context else { return }
        lastMove = .now()
        context.read()
        armTimer(context)
    }

    /// Begins `exchange`; fails it as unsent if the connection has ended in the meantime.
    func start(_ exchange: Exchange, on connection: Connection) {
        guard let context, context.channel.isActive, self.exchange == nil else {
            // With TLS 1.3 a server refuses a client's certificate after the handshake, which may be before the first request.
            return exchange.fail(ExchangeFailure(error: reasonOfEnd(exchange), isUnsent: true))
        }
        self.connection = connection
        guard exchange.attach(connection) else { return connection.release() }
        uses += 1
        self.exchange = exchange
        parser.begin(isHead: exchange.target.method == "HEAD")
        hasAnswered = false
        lastMove = .now()
        prepare(exchange.body)
        context.writeAndFlush(wrapOutboundOut(exchange.bytes), promise: nil)
        if unsent.readableBytes > 0 { sendSlice(context) }
        context.read()
        armTimer(context)
    }

    private func prepare(_ body: RequestBody) {
        isFed = false
        hasLastPiece = true
        unsent = ByteBuffer()
        switch body {
        case .bytes(let bytes) where bytes.readableBytes > RequestHead.shortBody: unsent = bytes
        case .stream(_, let length) where length > 0:
            isFed = true
            hasLastPiece = false
        case .empty, .bytes, .stream: break
        }
    }

    /// A piece of a streamed body.
    func send(_ piece: ByteBuffer, isLast: Bool) {
        guard let context, exchange != nil else { return }
        hasLastPiece = isLast
        unsent = piece
        sendSlice(context)
    }

    func readOn() {
        lastMove = .now()
        context?.read()
    }

    func close() { context?.close(promise: nil) }

    /// Fails the exchange under way, if there is one, and closes.
    func close(_ error: (RequestTarget) -> TransportError) {
        if let exchange { fail(exchange, error(exchange.target)) }
        close()
    }

    private func sendSlice(_ context: ChannelHandlerContext) {
        guard !isSendingSlice, exchange != nil else { return }
        guard let slice = unsent.readSlice(length: min(unsent.readableBytes, ConnectionHandler.slice)),
            slice.readableBytes > 0
        else {
            if isFed { exchange?.hasSent() }
            return
        }
        isSendingSlice = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            handler.isSendingSlice = false
            handler.lastMove = .now()
            if case .success = result { handler.sendSlice(context) }
        }
        context.writeAndFlush(wrapOutboundOut(slice), promise: promise)
    }

    private var hasSentAll: Bool { hasLastPiece && unsent.readableBytes == 0 && !isSendingSlice }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastMove = .now()
        guard let exchange else { return context.close(promise: nil) }  // Nobody asked for anything.
        var head: HTTPResponse?
        var chunks: [ByteBuffer] = []
        var hasEnded = false
        var failure: ResponseParser.Failure?
        do throws(ResponseParser.Failure) {
            try parser.feed(unwrapInboundIn(data)) { event in
                switch event {
                case .head(let response): head = response
                case .body(let chunk): chunks.append(chunk)
                case .end: hasEnded = true
                }
            }
        } catch {
            failure = error
        }
        if head != nil { hasAnswered = true }
        if let failure, !hasEnded {
            let text = "\(exchange.target): what came is no HTTP; is the port right, and http or https?"
            fail(exchange, TransportError(.invalid, text, cause: failure))
            return context.close(promise: nil)
        }
        if hasEnded { finish(context, canStay: failure == nil) }
        let wantsMore = exchange.deliver(head, chunks, hasEnded: hasEnded)
        if wantsMore { context.read() }
        // A body may be allowed less silence than the head was.
        if head != nil, !hasEnded { armTimer(context) }
    }

    /// The answer is whole. The connection is free before the task hears of it, so that its next request finds it.
    private func finish(_ context: ChannelHandlerContext, canStay: Bool) {
        exchange = nil
        unsent = ByteBuffer()
        guard canStay, parser.keepsAlive, hasSentAll, context.channel.isActive else {
            return context.close(promise: nil)
        }
        connection?.release()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lastError = lastError ?? error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        defer { context.fireChannelInactive() }
        guard let exchange else { return }
        // A TLS connection that is cut is no end of an answer: the rest may be missing.
        if lastError == nil, parser.close() {
            self.exchange = nil
            _ = exchange.deliver(nil, [], hasEnded: true)
            return
        }
        let isStale = uses > 1 && !parser.hasBegun
        self.exchange = nil
        exchange.fail(ExchangeFailure(error: reasonOfEnd(exchange), isStale: isStale))
    }

    private func reasonOfEnd(_ exchange: Exchange) -> TransportError {
        lastError.map { TransportError($0, target: exchange.target) }
            ?? TransportError(.broken, "\(exchange.target): the server closed the connection")
    }

    private func fail(_ exchange: Exchange, _ error: TransportError) {
        self.exchange = nil
        exchange.fail(ExchangeFailure(error: error))
    }

    // MARK: Silence

    /// When the connection has been silent for too long, as things stand.
    private var due: NIODeadline {
        guard let exchange else { return lastMove + keepAlive }
        if !hasSentAll { return lastMove + max(exchange.headTimeout, exchange.idleTimeout) }
        if !hasAnswered { return lastMove + exchange.headTimeout }
        // While the task works on what it has, a silent server is not noticed, and a slow reader is no silent server.
        guard let since = exchange.waitingSince else { return .now() + exchange.idleTimeout }
        return max(since, lastMove) + exchange.idleTimeout
    }

    private func armTimer(_ context: ChannelHandlerContext) {
        let due = due
        guard due < timerDue else { return }
        timer?.cancel()
        timerDue = due
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: due) {
            let (handler, context) = bound.value
            handler.timerFired(context)
        }
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        timerDue = .distantFuture
        guard due <= .now() else { return armTimer(context) }
        if let exchange {
            let text =
                hasAnswered
                ? "nothing came in the time allowed"
                : hasSentAll ? "no answer in the time allowed" : "the server takes no more of the request"
            fail(exchange, TransportError(.timeout, "\(exchange.target): \(text)"))
        }
        context.close(promise: nil)
    }
}
