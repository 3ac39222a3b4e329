import Basics
import ObjectStorage

/// Why a mirror, a restore or a verification could not go on. Failures of single objects are not errors but part of the
/// report.
package struct MirrorError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// The options contradict each other, or a name or time makes no sense.
        case invalid
        /// The source or the target is there and does not let us in, or the bucket is missing or another one.
        case refused
        /// The source or the target does not answer.
        case unreachable
        /// The target is full, or over its quota.
        case full
        /// A listing contradicts itself: it ends without an end, or goes round in circles.
        case listing
        /// The index on disk cannot be used. Deleting it is safe.
        case index
        /// The log of the history is damaged, or another mirror writes it.
        case history
        /// Another mirror works on the target.
        case locked
        /// More would be deleted than is normal for this bucket.
        case held
        /// There is nothing to restore from at that time.
        case notFound
        case cancelled
    }

    /// Where it happened, if it was one side.
    package enum Side: String, Sendable { case source, target }

    package let code: Code
    package let side: Side?
    /// One line with the values. Never a secret, never the cause.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, side: Side? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.side = side
        self.message = message
        self.cause = cause
    }

    /// A store failed as a whole, not at one object.
    init(_ error: StoreError, _ side: Side, while doing: String) {
        let code: Code =
            switch error.code {
            case .unauthorized, .forbidden, .notFound: .refused
            case .throttled, .unavailable: .unreachable
            case .limitExceeded: .full
            case .cancelled: .cancelled
            default: .listing
            }
        self.init(code, "\(doing) failed", side: side, cause: error)
    }

    package var description: String { message }
}
