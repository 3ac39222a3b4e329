import Glibc

extension Descriptor {
    /// This process's standard input.
    /// - Throws: `.failed` if it is closed.
    package static var standardInput: Descriptor {
        get throws(FileError) {
            let raw = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
            guard raw >= 0 else { throw FileError(.failed, "standard input cannot be read: \(SystemError.last)") }
            return Descriptor(raw)
        }
    }

    /// Everything from here to the end.
    /// - Throws: `.limitExceeded` above `limit` bytes; `.failed`.
    package func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { piece.deallocate() }
        while true {  // Ends at the end, or at the limit.
            let count: Int
            do throws(SystemError) {
                count = try readNext(into: piece)
            } catch {
                throw FileError(FileError.Code(error), "reading: \(error)")
            }
            if count == 0 { return bytes }
            bytes += UnsafeRawBufferPointer(rebasing: piece[..<count])
            guard bytes.count <= limit else { throw FileError(.limitExceeded, "there are more than \(limit) bytes") }
        }
    }
}

extension LocalPath {
    /// What a small file holds.
    /// - Throws: `.notFound`, `.forbidden`, `.limitExceeded`, `.failed`.
    package func contents(limit: Int) throws(FileError) -> [UInt8] {
        let file: Descriptor
        do throws(SystemError) {
            file = try Descriptor.open(self, flags: O_RDONLY)
        } catch {
            throw FileError(error, "opening", self)
        }
        return try file.readAll(limit: limit)
    }
}
