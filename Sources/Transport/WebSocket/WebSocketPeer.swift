internal import Basics
package import HTTPTypes
internal import NIOCore
internal import Synchronization

/// The server's end of a WebSocket whose client is in the same process: for twins of servers and for tests. Safe to use
/// from any task; one task at a time receives.
///
/// Bound: 64 chunks in each direction wait; then whoever sends waits.
package final class WebSocketPeer: Sendable {
    private typealias Chunk = Result<ByteBuffer, TransportError>

    private let toClient = BoundedChannel<Chunk>(limit: 64)
    private let fromClient = BoundedChannel<ByteBuffer>(limit: 64)
    private let state = Mutex(State())

    private struct State {
        var parser = WebSocketParser(isServer: true)
        var messages: ArraySlice<WebSocketMessage> = []
    }

    package init() {}

    /// The answer that carries this connection. Whoever drops its body closes the connection. Call it once.
    package func response(_ head: HTTPResponse) -> TransportResponse {
        let (toClient, fromClient) = (toClient, fromClient)
        let end = ClientEnd { [toClient, fromClient] in
            toClient.cancel()
            fromClient.finish()
        }
        let body = ByteStream {
            {
                let chunk = try await withTaskCancellationHandler {
                    try await toClient.next()?.get()
                } onCancel: {
                    end.close()
                }
                if chunk == nil { try Task.checkCancellation() }
                return chunk
            }
        }
        let outbound = OutboundBytes { (bytes) async throws(TransportError) in
            do throws(CancellationError) {
                try await fromClient.send(bytes)
            } catch {
                throw TransportError(Task.isCancelled ? .cancelled : .broken, "the peer has closed the connection")
            }
        }
        return TransportResponse(head: head, body: body, outbound: outbound)
    }

    private final class ClientEnd: Sendable {
        let close: @Sendable () -> Void

        init(_ close: @escaping @Sendable () -> Void) { self.close = close }

        deinit { close() }
    }

    /// - Returns: false if the client is gone.
    @discardableResult
    package func send(_ frame: WebSocketFrame) async -> Bool { await send(raw: frame.encoded(mask: nil)) }

    /// Bytes as they are, valid or not.
    @discardableResult
    package func send(raw bytes: [UInt8]) async -> Bool {
        do throws(CancellationError) {
            try await toClient.send(.success(ByteBuffer(bytes: bytes)))
            return true
        } catch {
            return false
        }
    }

    /// The next message of the client; nil when it is gone, or sends what is no WebSocket.
    package func next() async -> WebSocketMessage? {
        while true {  // Ends with a message or with the connection.
            if let message = state.withLock({ $0.messages.popFirst() }) { return message }
            guard let chunk = await fromClient.next() else { return nil }
            let isSound = state.withLock { state in
                do throws(WebSocketParser.Failure) {
                    state.messages += try state.parser.feed(chunk)
                    return true
                } catch {
                    return false
                }
            }
            guard isSound else { return nil }
        }
    }

    /// Ends the connection, with `error` for whoever reads it if there is one.
    package func close(_ error: TransportError? = nil) async {
        if let error {
            // Nobody reads any more, if it throws.
            do throws(CancellationError) { try await toClient.send(.failure(error)) } catch {}
        }
        toClient.finish()
        fromClient.cancel()
    }
}
