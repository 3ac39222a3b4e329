import Glibc

/// A file that appears under its name only when it is whole. Private to its owner, because backups hold secrets.
final class OutputFile {
    private let path: String
    private let temporaryPath: String
    private let replaces: Bool
    private var descriptor: Int32

    /// - Throws: `.failed` if the file exists and is not to be replaced, or the folder takes none.
    init(path: String, replaces: Bool) throws(CommandError) {
        self.path = path
        self.replaces = replaces
        temporaryPath = "\(path).part"
        if !replaces, access(path, F_OK) == 0 { throw OutputFile.exists(path) }
        // What an interrupted download left is overwritten; a link in its place is refused.
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OutputFile.failure("cannot write '\(temporaryPath)'") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: some Collection<UInt8>) throws(CommandError) {
        let bytes = Array(bytes)
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFile.failure("cannot write '\(temporaryPath)'") }
            start += count
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }

    /// Gives the file its name. Nothing may be written afterwards.
    func commit() throws(CommandError) {
        guard fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw OutputFile.failure("cannot write '\(temporaryPath)'")
        }
        descriptor = -1
        if replaces {
            guard rename(temporaryPath, path) == 0 else { throw OutputFile.failure("cannot name '\(path)'") }
            return
        }
        // Unlike a renaming, a link never takes the place of a file that came in the meantime.
        guard link(temporaryPath, path) == 0 else {
            throw errno == EEXIST ? OutputFile.exists(path) : OutputFile.failure("cannot name '\(path)'")
        }
        unlink(temporaryPath)
    }

    /// Removes what was written.
    func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unlink(temporaryPath)
    }

    private static func exists(_ path: String) -> CommandError {
        CommandError(
            .failed, "'\(path)' exists already",
            advice: ["Say --force to replace it, or name another file with -o FILE."])
    }

    private static func failure(_ doing: String) -> CommandError {
        CommandError(.failed, "\(doing): \(String(cString: strerror(errno)))")
    }
}
