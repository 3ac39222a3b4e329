internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Transport

extension TransportError {
    /// What an error of the libraries below means to a caller.
    init(_ error: any Error, target: RequestTarget) {
        switch error {
        case let error as TransportError: self = error
        case is CancellationError: self.init(.cancelled, "\(target): cancelled")
        case is SilenceError: self.init(.timeout, "\(target): nothing came in the time allowed")
        case let error as HTTPClientError: self = TransportError.client(error, target)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = TransportError.tls(error, target)
        case let error as NIOConnectionError: self = TransportError.connection(error, target)
        case let error as IOError: self = TransportError.system(error, target)
        case let error as ChannelError: self = TransportError.channel(error, target)
        case is HTTPParserError:
            self.init(.invalid, "\(target): what came is no HTTP; is the port right, and http or https?", cause: error)
        default: self.init(.broken, "\(target): the transfer failed", cause: error)
        }
    }

    private static func client(_ error: HTTPClientError, _ target: RequestTarget) -> TransportError {
        switch error {
        case .cancelled, .alreadyShutdown: TransportError(.cancelled, "\(target): cancelled")
        case .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
            TransportError(.connect, "\(target): no connection in the time allowed", cause: error)
        case .getConnectionFromPoolTimeout:
            TransportError(.connect, "\(target): no connection became free in the time allowed", cause: error)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            TransportError(.timeout, "\(target): no answer in the time allowed", cause: error)
        case .proxyAuthenticationRequired:
            TransportError(.connect, "\(target): the proxy wants a user and a password", cause: error)
        case .invalidProxyResponse:
            TransportError(.connect, "\(target): the proxy refused the connection", cause: error)
        case .remoteConnectionClosed, .uncleanShutdown:
            TransportError(.broken, "\(target): the server closed the connection", cause: error)
        case .requestStreamCancelled:
            TransportError(.broken, "\(target): the server answered before it had the whole request", cause: error)
        default: TransportError(.invalid, "\(target): \(error.shortDescription)", cause: error)
        }
    }

    private static func tls(_ error: any Error, _ target: RequestTarget) -> TransportError {
        let text = String(describing: error)
        let reason =
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                "the server's certificate is not signed by an authority known here, or is not valid now; "
                    + "give the authority's certificate"
            } else if text.contains("failedToValidateHostname") || text.contains("unableToValidateCertificate") {
                "the server's certificate is for another name"
            } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
                "the server does not speak TLS on this port; is it http?"
            } else if text.contains("ALERT") {
                "the server refused the TLS connection; does it want a client certificate?"
            } else {
                "the TLS connection could not be made"
            }
        return TransportError(.tls, "\(target): \(reason)", cause: error)
    }

    private static func connection(_ error: NIOConnectionError, _ target: RequestTarget) -> TransportError {
        if error.connectionErrors.isEmpty {
            let cause = error.dnsAError ?? error.dnsAAAAError
            return TransportError(.connect, "\(target): the name of the host is not known", cause: cause ?? error)
        }
        let reasons = error.connectionErrors.map { "\($0.error)" }
        return TransportError(.connect, "\(target): no connection: \(reasons.joined(separator: "; "))", cause: error)
    }

    private static func system(_ error: IOError, _ target: RequestTarget) -> TransportError {
        let text = error.description
        let isConnecting = text.contains("connect") || text.contains("refused") || text.contains("unreachable")
        return TransportError(isConnecting ? .connect : .broken, "\(target): \(text)", cause: error)
    }

    private static func channel(_ error: ChannelError, _ target: RequestTarget) -> TransportError {
        switch error {
        case .connectTimeout: TransportError(.connect, "\(target): no connection in the time allowed", cause: error)
        case .ioOnClosedChannel, .alreadyClosed, .outputClosed, .inputClosed, .eof:
            TransportError(.broken, "\(target): the server closed the connection", cause: error)
        default: TransportError(.broken, "\(target): the transfer failed", cause: error)
        }
    }
}
