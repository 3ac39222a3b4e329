internal import Basics
internal import KubernetesModel
internal import Transport

/// Why an API server did not do what was asked.
package struct APIError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        case notFound, alreadyExists
        /// The object changed since it was read, or a precondition does not hold. Read again and decide anew.
        case conflict
        /// The server refuses the content; the causes name the fields. Trying again does not help.
        case invalid
        /// The credentials are known but may not do this.
        case forbidden
        /// The credentials are not accepted, or there are none.
        case unauthorized
        /// The resource version or continue token is too old (410).
        case expired
        /// The server asks for patience (429). Already retried until the deadline when it is thrown.
        case throttled
        /// The body or the object is larger than the server takes (413).
        case tooLarge
        /// The server does not know this kind, verb or media type (404 on a path, 405, 406, 415).
        case unsupported
        /// A 5xx answer. Already retried where that is safe.
        case server
        /// No connection, or it broke. Whether the server acted is unknown for writes.
        case unreachable
        case timeout
        /// The answer makes no sense, or this program was given something that does not.
        case malformed
        /// kubeconfig, credentials or certificates on this side are unusable. The message says what to do.
        case configuration
        case cancelled
    }

    package let code: Code
    /// One line with verb, object and what the server said. Never the contents of a Secret.
    package let message: String
    /// The server's `Status`, if it sent one.
    package let status: APIStatus?
    /// Whether the server certainly saw nothing of the request.
    package let wasNotSent: Bool
    package let cause: (any Error)?

    package init(
        _ code: Code, _ message: String, status: APIStatus? = nil, wasNotSent: Bool = false, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.wasNotSent = wasNotSent
        self.cause = cause
    }

    package var description: String { message }

    /// How long the server asks to wait before another try.
    package var retryAfter: Duration? { status?.retryAfter }
}

extension APIError {
    /// What the failure of a transfer means for a request to an API server.
    init(_ error: TransportError, _ subject: String) {
        let code: Code =
            switch error.code {
            case .connect, .broken: .unreachable
            case .tls: .configuration
            case .timeout: .timeout
            case .invalid: .malformed
            case .cancelled: .cancelled
            }
        self.init(
            code, "\(subject): \(error.message)", wasNotSent: error.code == .connect || error.code == .tls,
            cause: error.cause)
    }

    /// Any error on the way, without losing what it is.
    init(_ error: any Error, _ subject: String) {
        switch error {
        case let error as APIError: self = error
        case let error as TransportError: self.init(error, subject)
        case is CancellationError: self.init(.cancelled, "\(subject): cancelled")
        default: self.init(.malformed, "\(subject): \(error)", cause: nil)
        }
    }
}
