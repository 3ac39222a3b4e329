import Glibc

/// A file descriptor that closes when the last reference goes.
final class Descriptor: Sendable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }
}

/// What the kernel answered instead of a result.
struct SystemError: Error, CustomStringConvertible {
    let number: Int32

    var description: String { String(cString: strerror(number)) }
}

/// Runs `call` until a signal no longer interrupts it. Source: man 7 signal, "Interruption of system calls".
func systemCall<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemError(number: number) }
    }
}

extension StoreError {
    /// What a failed system call on `path` means to a caller of the store.
    init(_ error: SystemError, _ doing: String) {
        let (code, advice): (Code, String) =
            switch error.number {
            case ENOENT: (.notFound, "")
            case ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, EINVAL: (.unsupported, "")
            case EEXIST: (.preconditionFailed, "")
            case ENOSPC, EDQUOT: (.limitExceeded, ": make room there or choose another folder")
            case EFBIG: (.limitExceeded, ": the file system or a limit (ulimit -f) takes no larger file")
            case EMFILE, ENFILE: (.limitExceeded, ": raise the limit of open files (ulimit -n)")
            case EACCES, EPERM, EROFS: (.forbidden, "")
            case ENOTSUP: (.unsupported, "")
            default: (.unavailable, "")
            }
        self.init(code, "\(doing): \(error)\(advice)", cause: error)
    }
}
