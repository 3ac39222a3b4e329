import Basics

/// Why an operation on a repository failed.
package struct RepositoryError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// There is no repository at this place. Exit code 10.
        case noRepository
        /// Somebody holds a lock that does not go with what was asked for. Exit code 11.
        case locked
        /// None of the keys opens with the password. Exit code 12.
        case wrongKey
        /// A file of the repository is missing, altered or makes no sense. Exit code 13.
        case damaged
        /// A repository is there already, or something else is in the way.
        case exists
        /// No such snapshot, blob, key or file.
        case notFound
        /// An abbreviated id that several files begin with.
        case ambiguous
        /// The repository needs something that this program does not know: a version, a file kind, an algorithm.
        case unsupported
        /// The request makes no sense.
        case invalid
        /// Own lock lost: somebody removed it, or it could not be refreshed in time. What was written so far is intact.
        case lockLost
        /// The store failed; `cause` is its `StoreError`, which knows whether trying again can help.
        case store
        case cancelled
    }

    package let code: Code
    /// One line with the values: file kind, id, sizes in bytes. Never a secret, never the cause.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
