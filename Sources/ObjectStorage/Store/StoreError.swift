import Basics

/// Why an operation on a bucket failed.
package struct StoreError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// No such object, bucket or upload.
        case notFound
        /// The condition of the request does not hold: somebody else wrote in between.
        case preconditionFailed
        /// The store asks to slow down.
        case throttled
        /// No answer, a broken connection, or an answer that says "try again".
        case unavailable
        /// What arrived is not what was sent: a digest or a length differs.
        case integrity
        /// The credentials are missing, wrong or expired.
        case unauthorized
        /// The credentials are known and do not permit this.
        case forbidden
        /// Larger, longer or more than the store takes; a full disk.
        case limitExceeded
        /// The store does not offer this operation.
        case unsupported
        /// The request or the answer makes no sense; trying again will not help.
        case invalid
        case cancelled
    }

    package let code: Code
    /// One line with the values: operation, bucket, key, sizes in bytes. Never a secret, never the cause.
    package let message: String
    package let cause: (any Error)?
    /// The store's own wish for the pause before the next try.
    package let retryAfter: Duration?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.retryAfter = retryAfter
    }

    /// Whether the same request may succeed later without anybody changing anything.
    package var isTemporary: Bool {
        switch code {
        case .throttled, .unavailable: true
        default: false
        }
    }

    package var description: String { message }
}
