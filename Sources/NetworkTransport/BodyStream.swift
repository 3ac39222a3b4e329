internal import AsyncHTTPClient
internal import Basics
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import Transport

/// The body of an answer as a pulled stream.
enum BodyStream {
    static func make(_ body: HTTPClientResponse.Body, target: RequestTarget) -> ByteStream {
        ByteStream {
            var iterator = body.makeAsyncIterator()
            return {
                do {
                    return try await iterator.next(isolation: nil)
                } catch {
                    throw TransportError(error, target: target)
                }
            }
        }
    }
}

extension HTTPResponse {
    init(_ response: HTTPClientResponse) {
        self.init(status: .init(code: Int(response.status.code), reasonPhrase: response.status.reasonPhrase))
        headerFields.reserveCapacity(response.headers.count)
        for (name, value) in response.headers {
            guard let name = HTTPField.Name(name) else { continue }  // The parser lets no other names through.
            headerFields.append(HTTPField(name: name, value: value))
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension HTTPClient.Configuration.Proxy {
    init(_ endpoint: ProxyEndpoint) {
        switch endpoint.kind {
        case .socks5: self = .socksServer(host: endpoint.host, port: endpoint.port)
        case .http:
            let authorization = endpoint.user.map { user in
                HTTPClient.Authorization.basic(username: user, password: endpoint.password?.reveal() ?? "")
            }
            self = .server(host: endpoint.host, port: endpoint.port, authorization: authorization)
        }
    }
}
