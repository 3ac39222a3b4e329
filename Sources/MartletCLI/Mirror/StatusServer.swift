package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What somebody posts.
package struct PostedRequest: Sendable {
    /// Without a query.
    package let path: String
    /// The header `Authorization`.
    package let authorization: String?
    package let body: ByteBuffer
}

/// What a request for a path gets.
package struct StatusAnswer: Sendable, Hashable {
    package let status: Int
    package let contentType: String
    package let body: String

    package init(_ status: Int, _ contentType: String, _ body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// `HOST:PORT`, `:PORT` or `PORT`; without a host this machine alone.
package struct ListenAddress: Sendable, Hashable {
    package let host: String
    package let port: Int

    package init(_ text: String) throws(CommandError) {
        let colon = text.lastIndex(of: ":")
        let port = colon.map { text[text.index(after: $0)...] } ?? text[...]
        var host = colon.map { String(text[..<$0]) } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let number = Int(port), (0...65_535).contains(number) else {
            throw .usage("'\(text)' is no address to listen on", advice: "Write HOST:PORT, for example 0.0.0.0:8080.")
        }
        self.host = host.isEmpty ? "127.0.0.1" : host
        self.port = number
    }
}

/// A small HTTP server for metrics, probes and notifications: answers from memory, no keep-alive, requests of at most 8 KiB of
/// head and 1 MiB of body, 64 connections at a time, 10 seconds for each.
package final class StatusServer: Sendable {
    static let maximumConnections = 64
    static let patience = TimeAmount.seconds(10)
    /// Of what is posted. A notification is about 1 KiB.
    package static let largestBody = 1 << 20

    private let channel: any Channel

    private init(channel: any Channel) { self.channel = channel }

    /// Where it listens: with the port that the system chose if 0 was asked for.
    package var address: String {
        guard let address = channel.localAddress, let port = address.port else { return "?" }
        let host = address.ipAddress ?? "?"
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// - Parameters:
    ///   - answer: for the path of a GET; nil for a path that there is not. Called on an event loop: quick.
    ///   - post: likewise, for what is posted.
    /// - Throws: `.failed` if the address is taken or not ours.
    package static func start(
        _ address: ListenAddress, answer: @escaping @Sendable (String) -> StatusAnswer?,
        post: @escaping @Sendable (PostedRequest) -> StatusAnswer? = { _ in nil }
    ) async throws(CommandError) -> StatusServer {
        let count = ConnectionCount()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(IdleStateHandler(allTimeout: patience))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        StatusHandler(answer: answer, post: post, count: count))
                }
            }
        do {
            return StatusServer(channel: try await bootstrap.bind(host: address.host, port: address.port).get())
        } catch {
            throw CommandError(.failed, "cannot listen on \(address.host):\(address.port)", cause: error)
        }
    }

    package func stop() async {
        try? await channel.close()  // It is closed already, then.
    }
}

/// How many connections are open; touched from several event loops.
private final class ConnectionCount: Sendable {
    private let count = Mutex(0)

    /// False if there are too many; then it was not counted.
    func enter() -> Bool {
        count.withLock { count in
            guard count < StatusServer.maximumConnections else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}

private final class StatusHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (String) -> StatusAnswer?
    private let post: @Sendable (PostedRequest) -> StatusAnswer?
    private let count: ConnectionCount
    private var isCounted = false
    private var request: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isTooLong = false

    init(
        answer: @escaping @Sendable (String) -> StatusAnswer?,
        post: @escaping @Sendable (PostedRequest) -> StatusAnswer?, count: ConnectionCount
    ) {
        self.answer = answer
        self.post = post
        self.count = count
    }

    func channelActive(context: ChannelHandlerContext) {
        isCounted = count.enter()
        if isCounted { context.fireChannelActive() } else { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isCounted { count.leave() }
        isCounted = false
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body(var part):
            // What is too long is read over, so that its sender gets to hear why.
            isTooLong = isTooLong || body.readableBytes + part.readableBytes > StatusServer.largestBody
            if !isTooLong, request?.method == .POST { body.writeBuffer(&part) }
        case .end:
            guard let request else { return }
            self.request = nil
            send(answer(to: request), to: context, withBody: request.method != .HEAD)
        }
    }

    private func answer(to request: HTTPRequestHead) -> StatusAnswer {
        let path = String(request.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0])
        let missing = StatusAnswer(404, "text/plain", "there is /metrics, /health, /readyz and /status\n")
        switch request.method {
        case .GET, .HEAD: return answer(path) ?? missing
        case .POST where answer(path) == nil:
            if isTooLong { return StatusAnswer(413, "text/plain", "at most \(StatusServer.largestBody) bytes\n") }
            let posted = PostedRequest(
                path: path, authorization: request.headers.first(name: "authorization"), body: body)
            return post(posted) ?? missing
        default: return StatusAnswer(405, "text/plain", "GET only\n")
        }
    }

    private func send(_ answer: StatusAnswer, to context: ChannelHandlerContext, withBody: Bool) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
        head.headers.add(name: "content-type", value: answer.contentType)
        head.headers.add(name: "content-length", value: String(answer.body.utf8.count))
        head.headers.add(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if withBody {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
