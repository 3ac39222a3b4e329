internal import Basics

/// Why a text is no velero.io object, or no side file of a backup.
package struct VeleroAPIError: CausedError {
    package enum Code: String, Sendable {
        /// No JSON, or a field of another type than the API's.
        case malformed
        /// A whole object, but of another kind or version.
        case wrongKind
        /// A value that the API forbids.
        case invalid
    }

    package let code: Code
    /// One line with the place: `spec.ttl: '3 days' is no duration`.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
