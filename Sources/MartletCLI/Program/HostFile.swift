import Glibc
import S3

/// Small files of this machine.
enum HostFile {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    static func watched(_ path: String) -> WatchedFile {
        WatchedFile(path: path, read: { try read(path) }, version: { version(of: path) })
    }

    /// Nil if there is none. At most 1 MiB: a credentials file has a few lines.
    static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard descriptor >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + length, $0.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
            if count == 0 { return Array(bytes[..<length]) }
            length += count
        }
        throw Unreadable(description: "larger than 1 MiB")
    }

    private static func version(of path: String) -> String? {
        var state = stat()
        guard stat(path, &state) == 0 else { return nil }
        return "\(state.st_ino)/\(state.st_size)/\(state.st_mtim.tv_sec).\(state.st_mtim.tv_nsec)"
    }

    /// Puts a file in place as a whole, for its owner alone; so are the folders that are missing on the way.
    static func write(_ path: String, _ bytes: [UInt8]) throws {
        try makeFolder(PlaceReader.folder(of: path))
        let temporary = "\(path).new-\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Unreadable(description: String(cString: strerror(errno))) }
        let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWritten, rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw Unreadable(description: reason)
        }
    }

    private static func makeFolder(_ path: String) throws {
        if kind(of: path) == .folder { return }
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path != "/", path != "." else {
            throw Unreadable(description: "'\(path)': \(String(cString: strerror(errno)))")
        }
        try makeFolder(PlaceReader.folder(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw Unreadable(description: "'\(path)': \(String(cString: strerror(errno)))")
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + start, bytes.count - start) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }

    /// What is at `path`, links followed; nil if nothing is.
    static func kind(of path: String) -> PathKind? {
        var state = stat()
        guard stat(path, &state) == 0 else { return nil }
        return state.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// The paths of the files in a folder, in the order of their names; none if there is no such folder.
    static func files(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let record = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &record.pointee.d_name) {
                    String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
                })
        }
        return names.sorted().map { "\(path)/\($0)" }.filter { kind(of: $0) == .file }
    }

    /// The system's own list of authorities, where Debian and Alpine keep it, or Red Hat.
    static var systemAuthorities: [String] {
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].filter { kind(of: $0) == .file }
    }
}

/// What a path names.
package enum PathKind: Sendable, Hashable {
    case file
    case folder
}
