import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization
import Transport

/// Answers with more bytes than sockets hold, as fast as they are taken, and tells when they are not.
final class PouringServer: Sendable {
    private let port: Int
    private let sent = Atomic(0)
    private let stuck = Mutex<(isStuck: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

    private init(port: Int) { self.port = port }

    static func run<Result>(total: Int, _ body: (PouringServer) async throws -> Result) async throws -> Result {
        let relay = Mutex<PouringServer?>(nil)
        let shared = Shared(relay)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = shared.server.withLock({ $0 }) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(Pour(server, total: total))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let server = PouringServer(port: channel.localAddress?.port ?? 0)
        shared.server.withLock { $0 = server }
        defer { channel.close(promise: nil) }
        return try await body(server)
    }

    /// How many bytes of the body the socket has taken.
    var written: Int { sent.load(ordering: .relaxed) }

    func request() -> TransportRequest {
        TransportRequest(
            head: HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: "/"))
    }

    /// Waits until the socket takes no more.
    func isStuck() async {
        await withCheckedContinuation { continuation in
            let isStuck = stuck.withLock { stuck in
                if !stuck.isStuck { stuck.waiter = continuation }
                return stuck.isStuck
            }
            if isStuck { continuation.resume() }
        }
    }

    fileprivate func took(_ count: Int) { sent.add(count, ordering: .relaxed) }

    fileprivate func becameStuck() {
        let waiter = stuck.withLock { stuck in
            stuck.isStuck = true
            defer { stuck.waiter = nil }
            return stuck.waiter
        }
        waiter?.resume()
    }

    private final class Shared: Sendable {
        let server: Mutex<PouringServer?>

        init(_ server: consuming Mutex<PouringServer?>) { self.server = server }
    }
}

private final class Pour: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let piece = 64 << 10

    private let server: PouringServer
    private let total: Int
    private var left: Int
    private var hasBegun = false

    init(_ server: PouringServer, total: Int) {
        self.server = server
        self.total = total
        left = total
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard left == 0 || !hasBegun else { return }
        hasBegun = true
        left = total
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n"
        context.write(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
        pour(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if hasBegun, context.channel.isWritable { pour(context) }
    }

    private func pour(_ context: ChannelHandlerContext) {
        while left > 0 {
            let count = min(left, Pour.piece)
            left -= count
            let promise = context.eventLoop.makePromise(of: Void.self)
            let server = server
            promise.futureResult.whenSuccess { server.took(count) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 0x61, count: count)), promise: promise)
            guard context.channel.isWritable else { return server.becameStuck() }
        }
    }
}

/// Answers 403 as soon as the head of a request is there, and reads no body.
final class EagerServer: Sendable {
    private let port: Int

    private init(port: Int) { self.port = port }

    static func run<Result>(_ body: (EagerServer) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Refuse())
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        defer { channel.close(promise: nil) }
        return try await body(EagerServer(port: channel.localAddress?.port ?? 0))
    }

    func request(body: RequestBody) -> TransportRequest {
        TransportRequest(
            head: HTTPRequest(method: .put, scheme: "http", authority: "127.0.0.1:\(port)", path: "/"), body: body)
    }

    private final class Refuse: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var hasAnswered = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered else { return }
            hasAnswered = true
            _ = context.channel.setOption(.autoRead, value: false)
            let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}
