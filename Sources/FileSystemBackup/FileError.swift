import Basics

/// Why a backup, a restore or a part of one failed.
package struct FileError: CausedError {
    package enum Code: String, Sendable, CaseIterable {
        /// There is no such file, folder or path in the snapshot.
        case notFound
        /// The file system does not permit it.
        case forbidden
        /// The item is no longer what it was a moment ago.
        case changed
        /// The file system has no room, or no larger files, or no more open ones.
        case limitExceeded
        /// The file system or the platform does not offer it.
        case unsupported
        /// A name or path in a tree that no backup writes: it would leave the target.
        case hostile
        /// A pattern, a path or an option makes no sense.
        case invalid
        /// What was restored is not what the snapshot holds, or the repository cannot give it.
        case damaged
        /// None of the targets could be read, so there is nothing to keep.
        case empty
        /// Reading or writing failed otherwise.
        case failed
        case cancelled
    }

    package let code: Code
    /// One line with the values: what was done, the path, sizes in bytes. Never the cause.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}

extension FileError {
    /// What a failed system call on `path` means.
    init(_ error: SystemError, _ doing: String, _ path: LocalPath) {
        self.init(Code(error), "\(doing) '\(path)': \(error)", cause: nil)
    }
}

extension FileError.Code {
    init(_ error: SystemError) {
        self =
            switch error.number {
            case SystemError.noEntry: .notFound
            case SystemError.noAccess, SystemError.notPermitted, SystemError.readOnly: .forbidden
            case SystemError.noSpace, SystemError.quota, SystemError.tooLarge, SystemError.tooManyOpen: .limitExceeded
            case SystemError.unsupported: .unsupported
            case SystemError.loop, SystemError.notFolder: .changed
            default: .failed
            }
    }
}
