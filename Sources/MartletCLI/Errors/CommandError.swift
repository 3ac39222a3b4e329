import Basics

/// Why a command could not do what it was asked to: the error of this target's boundary.
package struct CommandError: CausedError {
    /// What the process tells its caller.
    package let status: ExitStatus
    /// One line with the values. Never a secret, never the cause.
    package let message: String
    /// What to do next, one sentence or command a line; empty if the cause knows better.
    package let advice: [String]
    package let cause: (any Error)?

    package init(_ status: ExitStatus, _ message: String, advice: [String] = [], cause: (any Error)? = nil) {
        self.status = status
        self.message = message
        self.advice = advice
        self.cause = cause
    }

    /// The command line itself is wrong.
    package static func usage(_ message: String, advice: String...) -> CommandError {
        CommandError(.usage, message, advice: advice)
    }

    package var description: String { message }
}
