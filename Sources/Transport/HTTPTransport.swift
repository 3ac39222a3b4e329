package import Basics
package import HTTPTypes
package import NIOCore

package typealias ByteStream = ChunkStream<ByteBuffer>

/// Sends one HTTP request and streams the answer back. Safe to call from any task at any time.
///
/// Implementations follow no redirects, retry nothing and interpret no status: a 500 is an answer, not an error.
package protocol HTTPTransport: Sendable {
    /// - Throws: if no answer's head arrived: see `TransportError`. Whether the server acted on the request is then
    ///   unknown, but for `.connect`, where it did not.
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}

package struct TransportRequest: Sendable {
    /// With scheme, authority and path; the path is already percent-encoded.
    package var head: HTTPRequest
    package var body: RequestBody
    /// How long the head of the answer may take; nil for the transport's default.
    package var headTimeout: Duration?
    /// How long the body of the answer may be silent; nil for the transport's default. A watch sets it long.
    package var idleTimeout: Duration?
    /// The client certificate to use instead of the transport's own: a credential plug-in may hand out a new one while
    /// the transport lives. Connections are shared only among requests of the same identity.
    package var identity: ClientIdentity?
    /// Asks the server to switch protocols (`head` says to which). Such a request gets a connection of its own, through a
    /// tunnel where there is a proxy, and is never sent twice; a 101 answer then carries `TransportResponse.outbound`.
    package var isUpgrade = false

    package init(
        head: HTTPRequest, body: RequestBody = .empty, headTimeout: Duration? = nil, idleTimeout: Duration? = nil,
        identity: ClientIdentity? = nil
    ) {
        self.head = head
        self.body = body
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
        self.identity = identity
    }
}

package enum RequestBody: Sendable {
    case empty
    case bytes(ByteBuffer)
    /// Sent with a Content-Length; a stream that ends early or late fails the request.
    case stream(ByteStream, length: Int64)
}

package struct TransportResponse: Sendable {
    package let head: HTTPResponse
    /// Throws `TransportError`. Dropping it closes the transfer.
    package let body: ByteStream
    /// The way back to the server after it switched protocols; nil for every other answer. Ends with `body`.
    package let outbound: OutboundBytes?

    package init(head: HTTPResponse, body: ByteStream, outbound: OutboundBytes? = nil) {
        self.head = head
        self.body = body
        self.outbound = outbound
    }
}

/// Takes bytes for a server that switched protocols. Safe to call from any task; what one call takes stays together.
package struct OutboundBytes: Sendable {
    private let take: @Sendable (ByteBuffer) async throws(TransportError) -> Void

    package init(_ take: @escaping @Sendable (ByteBuffer) async throws(TransportError) -> Void) { self.take = take }

    /// Returns when the bytes are on their way. Cancelling the task gives the connection up.
    package func write(_ bytes: ByteBuffer) async throws(TransportError) { try await take(bytes) }
}

/// Why no answer, or no whole answer, came.
package struct TransportError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// The connection could not be made: name, route, refusal, proxy. The server saw nothing.
        case connect
        /// The certificate of the server, or ours, was refused. Trying again will not help.
        case tls
        /// No head, or no further byte, in the time allowed.
        case timeout
        /// The connection broke after the request was sent or while the answer was read.
        case broken
        /// What came is no HTTP, or the request makes no sense.
        case invalid
        case cancelled
    }

    package let code: Code
    /// One line: method, host, what happened. Never a header, a query or a secret.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
