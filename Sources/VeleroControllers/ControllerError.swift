internal import Basics

/// Why a reconciler, or the work that it stands for, could not do what an object asks for.
package struct ControllerError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// The object, or one that it speaks of, does not exist.
        case notFound
        /// The pod is on another node than this.
        case notHere
        /// The volume is not where a volume of its sort is: not mounted, or twice.
        case notMounted
        /// The object makes no sense, or asks for what this program does not do.
        case invalid
        /// There is no password for the repository.
        case noPassword
        /// It took longer than it may.
        case timeout
        /// The local file system refuses.
        case localDisk
        /// The API server, the store or the repository failed; `cause` says how.
        case unavailable
        case cancelled
    }

    package let code: Code
    /// One line with the values: namespace, pod, volume, path. Never a secret, never the cause.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
