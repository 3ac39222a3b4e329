internal import Basics

/// Why a backup, a restore or a look into an archive failed as a whole. Failures of single items are entries of the
/// results, not errors.
package struct ClusterBackupError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// No such backup, or a file of it is missing.
        case notFound
        /// There is a backup, or a folder with files, of this name already.
        case alreadyExists
        /// The request makes no sense: a bad name, filters that contradict each other, a policy that does not parse.
        case invalid
        /// Bytes that were written otherwise: a broken checksum, an archive that ends early.
        case damaged
        /// An archive with names or entries that no honest writer makes: paths that escape, links, devices.
        case hostile
        /// More or larger than the limits permit.
        case tooLarge
        /// The local disk is full or refuses.
        case localDisk
        /// The API server or the store cannot be reached or refuses everything. Trying again later may help.
        case unavailable
        case cancelled
    }

    package let code: Code
    /// One line with the values: backup, key, entry, offset in bytes. Never a secret, never the cause.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
