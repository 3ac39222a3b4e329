import Basics

/// Why bytes of a repository could not be read, or a value not be written.
package struct FormatError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// The bytes are not what the format says: truncated, a wrong length, broken JSON, an impossible value.
        case malformed
        /// The authentication code does not match: another key, or damaged bytes.
        case unauthenticated
        /// A version, blob type, key derivation or encoding that this program does not know.
        case unsupported
        /// Larger than the bound that stands beside the check; nothing was allocated for it.
        case limitExceeded
        /// What was read is not what its name, id or declared length says.
        case mismatch
        /// A key that must not be used: of a wrong length, or all zero.
        case unusableKey
        /// A value that has no place in the format: a node out of order, a blob that does not fit into a pack.
        case unencodable
    }

    package let code: Code
    /// One line with the values: lengths in bytes, offsets, ids. Never a key, never the content of a file.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
