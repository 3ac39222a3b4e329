import Basics
import HTTPTypes
import NIOCore
import NetworkTransport
import Testing
import Transport

extension RawServer {
    /// A request to this server, with a secret where secrets stand.
    func request(
        _ method: HTTPRequest.Method = .get, _ path: String = "/path?signature=SECRET", scheme: String = "http",
        host: String = "127.0.0.1", body: RequestBody = .empty, headTimeout: Duration? = nil,
        idleTimeout: Duration? = nil
    ) -> TransportRequest {
        let head = HTTPRequest(
            method: method, scheme: scheme, authority: "\(host):\(port)", path: path,
            headerFields: [.authorization: "Bearer SECRET"])
        return TransportRequest(head: head, body: body, headTimeout: headTimeout, idleTimeout: idleTimeout)
    }
}

extension HTTPTransport {
    /// Status and whole body.
    func fetch(_ request: TransportRequest) async throws -> (status: Int, body: String) {
        let response = try await send(request)
        return (response.head.status.code, try await response.body.text())
    }

    /// The error that a request, or its body, ends in; checks that no secret is in it.
    func failure(
        of request: TransportRequest, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TransportError {
        let error = await #expect(throws: TransportError.self, sourceLocation: sourceLocation) {
            _ = try await fetch(request)
        }
        let found = try #require(error, sourceLocation: sourceLocation)
        #expect(!ErrorChain.line(found).contains("SECRET"), sourceLocation: sourceLocation)
        #expect(!found.message.contains("\n"), sourceLocation: sourceLocation)
        return found
    }
}

extension ByteStream {
    func text() async throws -> String {
        var text = ""
        for try await chunk in self { text += String(buffer: chunk) }
        return text
    }
}
