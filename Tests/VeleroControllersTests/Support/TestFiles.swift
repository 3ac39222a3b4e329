import Glibc

/// Files of tests, with plain calls.
enum TestFiles {
    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        var made = ""
        for name in path.split(separator: "/") {
            made += "/\(name)"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw TestFileError("mkdir", made) }
        }
    }

    static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard file >= 0 else { throw TestFileError("open", path) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw TestFileError("write", path) }
        guard fchmod(file, mode) == 0 else { throw TestFileError("fchmod", path) }
    }

    static func link(_ path: String, to target: String) throws {
        guard symlink(target, path) == 0 else { throw TestFileError("symlink", path) }
    }

    static func setOwner(_ path: String, _ uid: UInt32, _ gid: UInt32) throws {
        guard lchown(path, uid, gid) == 0 else { throw TestFileError("lchown", path) }
    }

    static func setMode(_ path: String, _ mode: UInt32) throws {
        guard chmod(path, mode) == 0 else { throw TestFileError("chmod", path) }
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || rmdir(path) == 0 else { throw TestFileError("unlink", path) }
    }

    /// Nil if there is nothing to read.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func status(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw TestFileError("lstat", path) }
        return status
    }

    static var isRoot: Bool { geteuid() == 0 }
}

struct TestFileError: Error, CustomStringConvertible {
    let description: String

    init(_ call: String, _ path: String) { description = "\(call) \(path): \(String(cString: strerror(errno)))" }
}
