import Glibc

/// What the kernel answered instead of a result. Source: man 3 errno.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    /// The answer of the call that failed last in this thread.
    static var last: SystemError { SystemError(number: errno) }

    package var description: String { String(cString: strerror(number)) }

    static let noEntry = ENOENT
    static let noAccess = EACCES
    static let notPermitted = EPERM
    static let readOnly = EROFS
    static let noSpace = ENOSPC
    static let quota = EDQUOT
    static let tooLarge = EFBIG
    static let tooManyOpen = EMFILE
    static let unsupported = ENOTSUP
    static let loop = ELOOP
    static let notFolder = ENOTDIR
    static let exists = EEXIST
    static let notEmpty = ENOTEMPTY
    static let isFolder = EISDIR
}

/// Runs `call` until a signal no longer interrupts it. Source: man 7 signal, "Interruption of system calls".
@inline(__always)
func systemCall<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
    while true {  // Ends with any answer but EINTR.
        let result = call()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemError(number: number) }
    }
}

/// Hands `name` to `body` as C wants it, from the stack.
/// - Throws: what `body` throws; `EINVAL` for a name with a zero byte in it, which no file has.
@inline(__always)
func withCName<Result>(
    _ name: [UInt8], _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
) throws(SystemError) -> Result {
    let outcome = withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) {
        buffer -> Swift.Result<Result, SystemError> in
        for index in name.indices {
            guard name[index] != 0 else { return .failure(SystemError(number: EINVAL)) }
            buffer[index] = CChar(bitPattern: name[index])
        }
        buffer[name.count] = 0
        do throws(SystemError) {
            return .success(try body(UnsafePointer(buffer.baseAddress!)))
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
