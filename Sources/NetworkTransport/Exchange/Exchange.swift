internal import Basics
internal import HTTPTypes
internal import NIOCore
internal import Synchronization
internal import Transport

/// Why an exchange failed, and whether the server can have seen the request.
struct ExchangeFailure: Error {
    let error: TransportError
    /// The connection had served before and ended before a byte of the answer came: as when a server closes a connection
    /// that was unused, just when it is used again.
    var isStale = false
    /// Nothing of the request was sent.
    var isUnsent = false
}

/// One request on one connection, and its answer: the meeting place of the task that asked and the event loop that reads.
///
/// Bound: the event loop stops reading while `readAhead` bytes wait for the task.
final class Exchange: Sendable {
    /// Enough to keep a connection busy while the task works on the chunk before.
    static let readAhead = 256 << 10

    let target: RequestTarget
    /// The head as it goes over the wire, and the body if it is short.
    let bytes: ByteBuffer
    let body: RequestBody
    let headTimeout: TimeAmount
    let idleTimeout: TimeAmount
    private let state = Mutex(State())

    fileprivate typealias Answer = Result<HTTPResponse, ExchangeFailure>
    fileprivate typealias Chunk = Result<ByteBuffer?, TransportError>

    fileprivate struct State {
        var response: HTTPResponse?
        var failure: ExchangeFailure?
        var chunks: ArraySlice<ByteBuffer> = []
        var buffered = 0
        var hasEnded = false
        var isPaused = false
        var headWaiter: UnsafeContinuation<Answer, Never>?
        var chunkWaiter: UnsafeContinuation<Chunk, Never>?
        var waitingSince: NIODeadline?
        /// Of the task that feeds the body of the request.
        var sendWaiter: UnsafeContinuation<Void, Never>?
        var canSend = true
        var connection: Connection?

        var isOver: Bool { hasEnded || failure != nil }
    }

    init(
        _ target: RequestTarget, bytes: ByteBuffer, body: RequestBody, headTimeout: TimeAmount, idleTimeout: TimeAmount
    ) {
        self.target = target
        self.bytes = bytes
        self.body = body
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
    }

    // MARK: From the event loop

    /// Since when the task has waited for the body; nil while it does something else.
    var waitingSince: NIODeadline? { state.withLock { $0.waitingSince } }

    /// False if the task has given up by now.
    func attach(_ connection: Connection) -> Bool {
        state.withLock { state in
            if !state.isOver { state.connection = connection }
            return !state.isOver
        }
    }

    /// What one read of the socket brought. False if the event loop should not read on until asked.
    func deliver(_ response: HTTPResponse?, _ chunks: [ByteBuffer], hasEnded: Bool) -> Bool {
        let (head, chunk, send, wantsMore) = state.withLock { state in
            if let response { state.response = response }
            for chunk in chunks {
                state.chunks.append(chunk)
                state.buffered += chunk.readableBytes
            }
            if hasEnded {
                state.hasEnded = true
                state.connection = nil
            }
            let head = response.flatMap { response in state.headWaiter.take().map { ($0, response) } }
            let chunk = state.chunkForWaiter()
            // An answer ends the sending: the server has heard enough.
            let send = state.response == nil ? nil : state.sendWaiter.take()
            state.isPaused = !state.hasEnded && state.buffered >= Exchange.readAhead
            return (head, chunk, send, !state.isPaused)
        }
        head.map { $0.resume(returning: .success($1)) }
        chunk.map { $0.resume(returning: .success($1)) }
        send?.resume()
        return wantsMore
    }

    func fail(_ failure: ExchangeFailure) {
        let (head, chunk, send) = state.withLock { state in
            guard !state.isOver else { return (nil, nil, nil) as Waiters }
            state.failure = failure
            state.connection = nil
            state.waitingSince = nil
            return (state.headWaiter.take(), state.chunkWaiter.take(), state.sendWaiter.take())
        }
        head?.resume(returning: .failure(failure))
        chunk?.resume(returning: .failure(failure.error))
        send?.resume()
    }

    fileprivate typealias Waiters = (
        UnsafeContinuation<Answer, Never>?, UnsafeContinuation<Chunk, Never>?, UnsafeContinuation<Void, Never>?
    )

    /// The chunk of the request's body that was handed over last is on its way.
    func hasSent() {
        let waiter = state.withLock { state in
            state.canSend = true
            return state.sendWaiter.take()
        }
        waiter?.resume()
    }

    // MARK: From the task

    /// Waits for the head of the answer.
    func response() async throws(ExchangeFailure) -> HTTPResponse {
        let answer: Answer = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let known = state.withLock { state -> Answer? in
                    if let response = state.response { return .success(response) }
                    if let failure = state.failure { return .failure(failure) }
                    state.headWaiter = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel()
        }
        return try answer.get()
    }

    /// The next bytes of the body; nil at its end. One task at a time.
    func next() async throws(TransportError) -> ByteBuffer? {
        if let ready = takeReady() { return try ready.get() }
        let chunk: Chunk = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                // Something may have come since.
                let (known, paused) = state.withLock { state -> (Chunk?, Connection?) in
                    let ready = state.takeReady()
                    if ready.0 == nil {
                        state.chunkWaiter = continuation
                        state.waitingSince = .now()
                    }
                    return ready
                }
                paused?.readOn()
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel()
        }
        return try chunk.get()
    }

    private func takeReady() -> Chunk? {
        let (chunk, paused) = state.withLock { $0.takeReady() }
        paused?.readOn()
        return chunk
    }

    /// Whether the head of the answer has come, or will not come.
    var isAnswered: Bool { state.withLock { $0.response != nil || $0.isOver } }

    /// Hands a piece of the request's body over, and waits until it is sent. False if no more is wanted: the answer has
    /// begun, or the exchange failed.
    func send(_ chunk: ByteBuffer, isLast: Bool, over connection: Connection) async -> Bool {
        let isWanted = state.withLock { state in
            state.canSend = false
            return state.response == nil && !state.isOver
        }
        guard isWanted else { return false }
        connection.send(chunk, isLast: isLast)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let isDone = state.withLock { state in
                    if state.canSend || state.response != nil || state.isOver { return true }
                    state.sendWaiter = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
        return state.withLock { $0.response == nil && !$0.isOver }
    }

    /// Sends bytes after the server switched protocols, and waits until the socket took them.
    func write(_ bytes: ByteBuffer, over connection: Connection) async throws(TransportError) {
        if let failure = state.withLock({ $0.failure }) { throw failure.error }
        let outcome: Result<Void, any Error> = await withTaskCancellationHandler {
            do {
                return .success(try await connection.channel.writeAndFlush(bytes))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancel()
        }
        guard case .failure(let error) = outcome else { return }
        throw Task.isCancelled
            ? TransportError(.cancelled, "\(target): cancelled") : TransportError(error, target: target)
    }

    /// Gives the exchange up, and the connection with it.
    func cancel() { end(TransportError(.cancelled, "\(target): cancelled")) }

    /// Fails the exchange with `error` and closes the connection; nothing if it is over.
    func end(_ error: TransportError) {
        let connection = state.withLock { $0.isOver ? nil : $0.connection }
        fail(ExchangeFailure(error: error))
        connection?.close()
    }
}

extension Exchange.State {
    /// What there is without waiting, and the connection if it shall read on. A failure comes behind the bytes that came
    /// before it.
    fileprivate mutating func takeReady() -> (Exchange.Chunk?, Connection?) {
        guard let chunk = chunks.popFirst() else {
            if let failure { return (.failure(failure.error), nil) }
            return (hasEnded ? .success(nil) : nil, nil)
        }
        buffered -= chunk.readableBytes
        guard isPaused, buffered < Exchange.readAhead / 2 else { return (.success(chunk), nil) }
        isPaused = false
        return (.success(chunk), connection)
    }

    /// The waiter for the body and what to tell it, if there is something to tell.
    fileprivate mutating func chunkForWaiter() -> (UnsafeContinuation<Exchange.Chunk, Never>, ByteBuffer?)? {
        guard chunkWaiter != nil, !chunks.isEmpty || hasEnded else { return nil }
        waitingSince = nil
        let chunk = chunks.popFirst()
        buffered -= chunk?.readableBytes ?? 0
        return chunkWaiter.take().map { ($0, chunk) }
    }
}

/// The body of an answer as a pulled stream. Whoever drops it gives the rest up.
struct ExchangeBody {
    static func stream(_ exchange: Exchange) -> ByteStream {
        let owner = Owner(exchange)
        return ByteStream { { try await owner.exchange.next() } }
    }

    private final class Owner: Sendable {
        let exchange: Exchange

        init(_ exchange: Exchange) { self.exchange = exchange }

        deinit { exchange.cancel() }
    }
}
