internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Transport

extension TransportError {
    /// What an error of the libraries below means to a caller.
    init(_ error: any Error, target: RequestTarget) { self.init(error, doing: target.description) }

    /// - Parameter doing: for the message: what was asked of which host, without a secret.
    init(_ error: any Error, doing target: String) {
        switch error {
        case let error as TransportError: self = error
        case is CancellationError: self.init(.cancelled, "\(target): cancelled")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = TransportError.tls(error, target)
        case let error as NIOConnectionError: self = TransportError.connection(error, target)
        case let error as IOError: self = TransportError.system(error, target)
        case let error as ChannelError: self = TransportError.channel(error, target)
        default: self.init(.broken, "\(target): the transfer failed", cause: error)
        }
    }

    /// Whether the certificate of the server is what was not accepted.
    static func isDistrust(_ error: any Error) -> Bool {
        isMisnamed(error) || String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
    }

    /// Whether the certificate is for another name.
    static func isMisnamed(_ error: any Error) -> Bool {
        let text = String(describing: error)
        return text.contains("failedToValidateHostname") || text.contains("unableToValidateCertificate")
            || text.contains("Couldn't find")
    }

    private static func tls(_ error: any Error, _ target: String) -> TransportError {
        let text = String(describing: error)
        let reason =
            if error as? NIOSSLError == .uncleanShutdown || text.contains("EOF during handshake") {
                "the server closed the TLS connection"
            } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
                "the server's certificate is not signed by an authority known here, or is not valid now; "
                    + "give the authority's certificate"
            } else if isMisnamed(error) {
                "the server's certificate is for another name"
            } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
                "the server does not speak TLS on this port; is it http?"
            } else if text.contains("ALERT") {
                "the server refused the TLS connection; does it want a client certificate?"
            } else {
                "the TLS connection could not be made"
            }
        // A connection that is cut may come back; certificates do not change by themselves.
        let isCut = error as? NIOSSLError == .uncleanShutdown
        return TransportError(isCut ? .broken : .tls, "\(target): \(reason)", cause: error)
    }

    private static func connection(_ error: NIOConnectionError, _ target: String) -> TransportError {
        if error.connectionErrors.isEmpty {
            let cause = error.dnsAError ?? error.dnsAAAAError
            return TransportError(.connect, "\(target): the name of the host is not known", cause: cause ?? error)
        }
        let reasons = error.connectionErrors.map { "\($0.error)" }
        return TransportError(.connect, "\(target): no connection: \(reasons.joined(separator: "; "))", cause: error)
    }

    private static func system(_ error: IOError, _ target: String) -> TransportError {
        let text = error.description
        let isConnecting = text.contains("connect") || text.contains("refused") || text.contains("unreachable")
        return TransportError(isConnecting ? .connect : .broken, "\(target): \(text)", cause: error)
    }

    private static func channel(_ error: ChannelError, _ target: String) -> TransportError {
        switch error {
        case .connectTimeout: TransportError(.connect, "\(target): no connection in the time allowed", cause: error)
        case .ioOnClosedChannel, .alreadyClosed, .outputClosed, .inputClosed, .eof:
            TransportError(.broken, "\(target): the server closed the connection", cause: error)
        default: TransportError(.broken, "\(target): the transfer failed", cause: error)
        }
    }
}
