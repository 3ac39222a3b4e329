internal import Basics
package import HTTPTypes
internal import NIOCore
internal import Synchronization
package import Transport

/// An `HTTPTransport` that answers from a script and remembers what it was asked: for faults and odd answers that no real
/// server gives on demand.
package final class ScriptedTransport: HTTPTransport {
    /// A request that was sent.
    package struct Sent: Sendable {
        package let head: HTTPRequest
        package let body: [UInt8]
        package let identity: ClientIdentity?

        package var path: String { head.path ?? "" }
        package var bodyText: String { String(decoding: body, as: UTF8.self) }
    }

    package enum Answer: Sendable {
        /// The body comes in the given pieces.
        case pieces(status: Int, headers: HTTPFields = [:], [String])
        /// Status 200, and a body that breaks off after the given pieces.
        case cut([String], TransportError)
        case failure(TransportError)

        package static func text(_ status: Int, _ body: String, headers: HTTPFields = [:]) -> Answer {
            .pieces(status: status, headers: headers, [body])
        }

        /// A `Status` object, as API servers answer failures.
        package static func status(
            _ code: Int, reason: String, message: String = "", extra: String = "", headers: HTTPFields = [:]
        ) -> Answer {
            .text(
                code,
                #"{"kind":"Status","apiVersion":"v1","status":"Failure","#
                    + #""message":"\#(message)","reason":"\#(reason)","code":\#(code)\#(extra)}"#, headers: headers)
        }
    }

    private struct State {
        var script: ArraySlice<Answer>
        var sent: [Sent] = []
    }

    private let state: Mutex<State>
    private let responder: (@Sendable (Sent) -> Answer)?

    /// Gives the answers in order; a request beyond them fails with `.invalid`, which nothing retries.
    package init(_ script: [Answer]) {
        state = Mutex(State(script: script[...]))
        responder = nil
    }

    package init(responder: @escaping @Sendable (Sent) -> Answer) {
        state = Mutex(State(script: []))
        self.responder = responder
    }

    package var sent: [Sent] { state.withLock { $0.sent } }
    /// How many answers of the script nobody asked for: 0 at the end of a test whose faults all happened.
    package var unused: Int { state.withLock { $0.script.count } }

    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let sent = Sent(head: request.head, body: try await collect(request.body), identity: request.identity)
        let scripted = state.withLock { state in
            state.sent.append(sent)
            return state.script.popFirst()
        }
        guard let answer = scripted ?? responder?(sent) else {
            throw TransportError(.invalid, "the script has no answer to \(sent.head.method) \(sent.path)")
        }
        switch answer {
        case .failure(let error): throw error
        case .pieces(let status, let headers, let pieces):
            return TransportResponse(
                head: HTTPResponse(status: .init(code: status), headerFields: headers), body: body(pieces, end: nil))
        case .cut(let pieces, let error):
            return TransportResponse(
                head: HTTPResponse(status: .ok), body: body(pieces, end: error))
        }
    }

    private func collect(_ body: RequestBody) async throws(TransportError) -> [UInt8] {
        switch body {
        case .empty: return []
        case .bytes(let buffer): return Array(buffer.readableBytesView)
        case .stream(let stream, _):
            var bytes: [UInt8] = []
            do {
                for try await chunk in stream { bytes += chunk.readableBytesView }
            } catch {
                throw TransportError(.broken, "the body of the request failed", cause: error)
            }
            return bytes
        }
    }

    private func body(_ pieces: [String], end: TransportError?) -> ByteStream {
        ByteStream {
            var rest = pieces[...]
            return {
                if let piece = rest.popFirst() { return ByteBuffer(string: piece) }
                if let end { throw end }
                return nil
            }
        }
    }
}
