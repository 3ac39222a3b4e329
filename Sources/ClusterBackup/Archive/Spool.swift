internal import Basics
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Where unpacked objects wait until they are asked for: memory for small archives and tests, else a temporary file.
///
/// The file loses its name at once, so that nobody else can open it and nothing is left when
/// the process is killed. Objects hold Secrets in clear: mode 0600.
final class Spool: Sendable {
    private struct Storage {
        /// Of the temporary file; nil for one in memory.
        var descriptor: CInt?
        var memory: [UInt8] = []
        var isClosed = false
    }

    /// The lock guards growth while the archive is scanned; afterwards everything only reads.
    private let storage: Mutex<Storage>
    private let folder: String

    init(memory: Void) {
        storage = Mutex(Storage())
        folder = ""
    }

    /// - Parameter folder: of the temporary file; needs room for all objects, unpacked.
    /// - Throws: `.localDisk`.
    init(inFolder folder: String) throws(ClusterBackupError) {
        self.folder = folder
        let descriptor = Spool.openUnlinked(in: folder)
        guard descriptor >= 0 else {
            throw ClusterBackupError(.localDisk, "no temporary file in '\(folder)': \(systemMessage(errno))")
        }
        storage = Mutex(Storage(descriptor: descriptor))
    }

    deinit { close() }

    /// mkstemp makes it with mode 0600.
    private static func openUnlinked(in folder: String) -> CInt {
        var template = Array("\(folder)/.martlet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return descriptor }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = unlink(template)
        return descriptor
    }

    func close() {
        let descriptor = storage.withLock { storage in
            defer { storage = Storage(isClosed: true) }
            return storage.descriptor
        }
        if let descriptor { _ = systemClose(descriptor) }
    }

    /// - Throws: `.localDisk`, with the number of bytes that were already written when the disk was full.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ClusterBackupError) {
        let problem: CInt? = storage.withLock { storage in
            precondition(!storage.isClosed, "written after close")
            if let descriptor = storage.descriptor { return writeAll(bytes, to: descriptor, at: offset) }
            storage.memory.append(contentsOf: bytes)
            return nil
        }
        guard let problem else { return }
        throw ClusterBackupError(
            .localDisk,
            "cannot unpack into '\(folder)' after \(ByteCount(offset)): \(systemMessage(problem)); "
                + "set TMPDIR to a folder with more room")
    }

    /// - Throws: `.localDisk` if the file cannot be read; a range outside of it is a programmer's mistake.
    func read(_ range: Range<Int64>) throws(ClusterBackupError) -> [UInt8] {
        let (file, memory) = storage.withLock { storage -> (CInt?, [UInt8]) in
            precondition(!storage.isClosed, "read after close")
            if let descriptor = storage.descriptor { return (descriptor, []) }
            return (nil, Array(storage.memory[Int(range.lowerBound)..<Int(range.upperBound)]))
        }
        guard let descriptor = file else { return memory }
        var problem: CInt?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let read = pread(
                    descriptor, buffer.baseAddress?.advanced(by: count), range.count - count,
                    off_t(range.lowerBound) + off_t(count))
                if read < 0, errno == EINTR { continue }
                guard read > 0 else {
                    problem = read < 0 ? errno : EIO
                    return
                }
                count += read
            }
        }
        if let problem {
            throw ClusterBackupError(.localDisk, "cannot read the unpacked archive: \(systemMessage(problem))")
        }
        return bytes
    }
}

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> CInt? {
    var done = 0
    while done < bytes.count {
        let written = pwrite(
            descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
        if written < 0 {
            if errno == EINTR { continue }
            return errno
        }
        done += written
    }
    return nil
}

/// Under its own name, because `Spool` has a method `close`.
private func systemClose(_ descriptor: CInt) -> CInt { close(descriptor) }

/// What the system says of an error number.
func systemMessage(_ number: CInt) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
