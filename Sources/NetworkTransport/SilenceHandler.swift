internal import NIOCore

/// Nothing went over a connection for too long while somebody waited.
struct SilenceError: Error {}

/// Ends a connection on which bytes are wanted and none move, in either direction, for longer than `limit`.
///
/// It stands at the socket's end of the pipeline. While the reader of an answer takes its time nobody asks the socket for
/// bytes, and the time does not run: a slow reader is not a silent server. One timer lives as long as the connection and is
/// set anew only when it fires, so that a byte costs no more than taking down the time.
final class SilenceHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: TimeAmount
    private var lastMove = NIODeadline.now()
    /// A read was asked for before this handler came into the pipeline.
    private var isWanted = true
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) {
        lastMove = .now()
        schedule(lastMove + limit, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func read(context: ChannelHandlerContext) {
        if !isWanted {
            isWanted = true
            lastMove = .now()
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isWanted = false
        lastMove = .now()
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        lastMove = .now()
        context.write(data, promise: promise)
    }

    private func schedule(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) {
            let (handler, context) = bound.value
            handler.check(context)
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        let due = isWanted ? lastMove + limit : .now() + limit
        guard due <= .now() else { return schedule(due, context) }
        context.fireErrorCaught(SilenceError())
        context.close(promise: nil)
    }
}
