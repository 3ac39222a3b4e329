import Basics
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import PracticeCluster
import Transport

/// A practice cluster that listens on a port, so that the program meets its faults as a process of its own.
struct PracticeServer: Sendable {
    let cluster: PracticeCluster
    private let channel: any Channel

    static func start(_ cluster: PracticeCluster) async throws -> PracticeServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(AnswerEncoder())
                    try pipeline.addHandler(Receptionist(cluster))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return PracticeServer(cluster: cluster, channel: channel)
    }

    /// - Parameter token: that the program shows; none if nil.
    func kubeconfig(token: String? = nil) -> String {
        let user = token.map { #"{"token": "\#($0)"}"# } ?? "{}"
        return """
            {"apiVersion": "v1", "kind": "Config", "current-context": "practice",
             "contexts": [{"name": "practice", "context": {"cluster": "practice", "user": "somebody"}}],
             "users": [{"name": "somebody", "user": \(user)}],
             "clusters": [{"name": "practice",
                           "cluster": {"server": "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"}}]}
            """
    }

    func stop() async throws { try await channel.close() }
}

/// Passes whole requests on to the cluster, and its answers back. One for each connection; lives on its event loop.
private final class Receptionist: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    private typealias AnswerPart = HTTPPart<HTTPResponseHead, ByteBuffer>

    private let cluster: PracticeCluster
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ cluster: PracticeCluster) { self.cluster = cluster }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            let (request, cluster, channel) = (Receptionist.request(head, body), cluster, context.channel)
            Task { await Receptionist.answer(request, from: cluster, on: channel) }
        }
    }

    private static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) -> TransportRequest {
        var request = HTTPRequest(
            method: HTTPRequest.Method(head.method.rawValue) ?? .get, scheme: "http", authority: "practice",
            path: head.uri)
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { request.headerFields.append(HTTPField(name: name, value: value)) }
        }
        return TransportRequest(head: request, body: .bytes(body))
    }

    private static func answer(
        _ request: TransportRequest, from cluster: PracticeCluster, on channel: any Channel
    ) async {
        do {
            let response = try await cluster.send(request)
            var headers = HTTPHeaders()
            for field in response.head.headerFields { headers.add(name: field.name.rawName, value: field.value) }
            let status = HTTPResponseStatus(statusCode: response.head.status.code)
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            channel.write(AnswerPart.head(head), promise: nil)
            for try await chunk in response.body { try await channel.writeAndFlush(AnswerPart.body(chunk)).get() }
            try await channel.writeAndFlush(AnswerPart.end(nil)).get()
        } catch {
            channel.close(promise: nil)  // A connection that breaks: what the fault asked for, or the client left.
        }
    }
}

/// The program's answers come from other threads, as buffers; the HTTP encoder takes them in a form of its own.
private final class AnswerEncoder: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPServerResponsePart =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let bytes): .body(.byteBuffer(bytes))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
