import Basics

/// Why a patch was not applied. The document that it was meant for is unchanged.
package struct PatchError: CausedError, Hashable {
    package enum Code: String, Sendable {
        /// The patch itself makes no sense: an unknown operation, a missing member, a directive of the wrong shape.
        case malformed
        /// A `test` operation found another value. Resource modifiers then skip the rule; everybody else fails.
        case testFailed
        /// A path of the patch leads nowhere in the document.
        case notFound
        /// A strategic merge patch for a kind whose merge keys are not known: definitions' kinds have none.
        case unsupported
        /// The result would be larger than the bound on it.
        case tooLarge
    }

    package let code: Code
    /// One line: which operation, which path. Never a value of the document, which may be a secret.
    package let message: String
    package var cause: (any Error)? { nil }
    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
