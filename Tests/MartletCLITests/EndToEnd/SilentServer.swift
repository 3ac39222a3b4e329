import NIOCore
import NIOPosix

/// An API server that tells its version and then never answers again: a run against it is under way until it is ended.
struct SilentServer {
    private let channel: any Channel

    static func start() async throws -> SilentServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(VersionOnly()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return SilentServer(channel: channel)
    }

    var kubeconfig: String {
        """
        {"apiVersion": "v1", "kind": "Config", "current-context": "silent",
         "contexts": [{"name": "silent", "context": {"cluster": "silent"}}],
         "clusters": [{"name": "silent", "cluster": {"server": "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"}}]}
        """
    }

    func stop() async throws { try await channel.close() }
}

/// Requests of this client are small enough to come in one read.
private final class VersionOnly: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let request = String(buffer: unwrapInboundIn(data))
        guard request.hasPrefix("GET /version ") else { return }
        let body = #"{"major": "1", "minor": "20", "gitVersion": "v1.20.2"}"#
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + body)), promise: nil)
    }
}
