internal import Basics
internal import NIOCore

/// The sending side of an open WebSocket. Safe to use from any task; each call is one frame, which stays together.
package struct WebSocketSender: Sendable {
    private let outbound: OutboundBytes
    private let random: @Sendable () -> UInt64

    /// - Parameter random: for masks. They need not be secret, only unpredictable to what is sent.
    package init(_ outbound: OutboundBytes, random: @escaping @Sendable () -> UInt64) {
        self.outbound = outbound
        self.random = random
    }

    package func send(_ frame: WebSocketFrame) async throws(TransportError) {
        let mask = UInt32(truncatingIfNeeded: random())
        try await outbound.write(ByteBuffer(bytes: frame.encoded(mask: mask)))
    }

    /// The same where it does not matter whether the peer still listens: a last word.
    package func sendPolitely(_ frame: WebSocketFrame) async {
        do { try await send(frame) } catch {}
    }
}

/// The receiving side of an open WebSocket: pulled message by message, by one task. Answers pings itself.
///
/// Memory: the messages of one chunk of the connection, and one message that has not ended.
package struct WebSocketReader {
    private var chunks: ByteStream.AsyncIterator
    private let sender: WebSocketSender
    private var parser: WebSocketParser
    private var messages: ArraySlice<WebSocketMessage> = []
    private var failure: TransportError?

    package init(_ body: ByteStream, sender: WebSocketSender, limit: Int = WebSocketParser.usualLimit) {
        chunks = body.makeAsyncIterator()
        self.sender = sender
        parser = WebSocketParser(limit: limit)
    }

    /// The next text, binary or close message. After a close nothing follows.
    ///
    /// - Throws: `.broken` if the connection ends without a close, `.invalid` for what is no WebSocket, `.timeout`,
    ///   `.cancelled`.
    package mutating func next() async throws(TransportError) -> WebSocketMessage {
        while true {  // Ends with a message or with the connection.
            while let message = messages.popFirst() {
                switch message {
                case .pong: break
                case .ping(let payload): try await sender.send(WebSocketFrame(.pong, payload))
                case .close(let close):
                    await sender.sendPolitely(WebSocketFrame(.close, close.payload))
                    return message
                case .text, .binary: return message
                }
            }
            if let failure { throw failure }
            try await readMore()
        }
    }

    private mutating func readMore() async throws(TransportError) {
        guard let chunk = try await nextChunk() else {
            throw TransportError(.broken, "the server closed the WebSocket without a word")
        }
        do throws(WebSocketParser.Failure) {
            messages += try parser.feed(chunk)
        } catch {
            failure = TransportError(.invalid, "the server sends what is no WebSocket: \(error)")
            await sender.sendPolitely(WebSocketFrame(.close, WebSocketClose(code: error.code).payload))
        }
    }

    private mutating func nextChunk() async throws(TransportError) -> ByteBuffer? {
        do {
            return try await chunks.next()
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(error is CancellationError ? .cancelled : .broken, "the WebSocket broke", cause: error)
        }
    }
}
