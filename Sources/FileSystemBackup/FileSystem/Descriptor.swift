import CLinux
import Glibc

/// An open file or folder, closed when the last reference goes.
package final class Descriptor: Sendable {
    let raw: Int32

    /// Takes `raw` over.
    package init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Opens `path` as the kernel resolves it, links and all: for what a person named on the command line.
    static func open(_ path: LocalPath, flags: Int32 = O_RDONLY | O_DIRECTORY) throws(SystemError) -> Descriptor {
        Descriptor(
            try withCName(path.bytes) { (name) throws(SystemError) in
                try systemCall { Glibc.open(name, flags | O_CLOEXEC) }
            })
    }

    /// Opens `name` in this folder. Never follows a symbolic link; never waits for a pipe's other end.
    func open(
        _ name: [UInt8], flags: Int32, permissions: UInt32 = 0
    ) throws(SystemError) -> Descriptor {
        let raw = raw
        return Descriptor(
            try withCName(name) { (name) throws(SystemError) in
                try systemCall { openat(raw, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, permissions) }
            })
    }

    func openFolder(_ name: [UInt8]) throws(SystemError) -> Descriptor {
        try open(name, flags: O_RDONLY | O_DIRECTORY)
    }

    /// Opens for reading, and leaves the time of last access alone where the kernel lets us: owners and root may.
    func openForReading(_ name: [UInt8]) throws(SystemError) -> Descriptor {
        do {
            return try open(name, flags: O_RDONLY | Int32(linux_O_NOATIME))
        } catch {
            guard error.number == EPERM else { throw error }
            return try open(name, flags: O_RDONLY)
        }
    }

    /// The state of this very file.
    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        let raw = raw
        _ = try systemCall { fstat(raw, &status) }
        return FileStatus(status)
    }

    /// The state of `name` in this folder; of a symbolic link itself.
    func status(of name: [UInt8]) throws(SystemError) -> FileStatus {
        var status = stat()
        let raw = raw
        _ = try withCName(name) { (name) throws(SystemError) in
            try systemCall { fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return FileStatus(status)
    }

    /// Where the symbolic link `name` points. Source: man 2 readlink; Linux keeps at most 4,095 bytes.
    func linkTarget(of name: [UInt8]) throws(SystemError) -> [UInt8] {
        let raw = raw
        return try withCName(name) { (name) throws(SystemError) in
            var failure: SystemError?
            let target = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                let length = readlinkat(raw, name, buffer.baseAddress!, buffer.count)
                if length < 0 { failure = .last }
                count = max(0, length)
            }
            if let failure { throw failure }
            return target
        }
    }

    /// Fills `buffer` from `offset`, less only at the end of the file.
    /// - Returns: how many bytes were read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        var filled = 0
        let raw = raw
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try systemCall { pread(raw, rest.baseAddress, rest.count, Int(offset) + filled) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Reads once: what one call gives.
    func readOnce(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        let raw = raw
        return try systemCall { pread(raw, buffer.baseAddress, buffer.count, Int(offset)) }
    }

    /// Fills `buffer` from where the descriptor stands, less only at the end.
    func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        let raw = raw
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try systemCall { Glibc.read(raw, rest.baseAddress, rest.count) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Writes all of `buffer` at `offset`.
    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
        var done = 0
        let raw = raw
        while done < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            done += try systemCall { pwrite(raw, rest.baseAddress, rest.count, Int(offset) + done) }
        }
    }
}
