internal import NIOCore
internal import Transport

/// An open connection, as tasks know it.
final class Connection: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<ConnectionHandler>
    private let pool: ConnectionPool

    /// Call it on the channel's event loop.
    init(_ channel: any Channel, _ handler: ConnectionHandler, pool: ConnectionPool) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.pool = pool
    }

    /// Whether the calling thread is the connection's own: work for it then needs no other thread.
    var isHere: Bool { channel.eventLoop.inEventLoop }

    func start(_ exchange: Exchange) { onLoop { $0.start(exchange, on: self) } }
    func send(_ piece: ByteBuffer, isLast: Bool) { onLoop { $0.send(piece, isLast: isLast) } }
    func readOn() { onLoop { $0.readOn() } }
    func close() { onLoop { $0.close() } }

    /// Fails what is under way as cancelled, and closes.
    func shutDown() {
        onLoop { $0.close { target in TransportError(.cancelled, "\(target): the connections were shut down") } }
    }

    /// Gives the connection back to its pool.
    func release() { pool.release(self) }

    private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
        if channel.eventLoop.inEventLoop {
            body(handler.value)
        } else {
            channel.eventLoop.execute { [handler] in body(handler.value) }
        }
    }
}
