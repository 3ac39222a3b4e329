import Glibc

/// Small changes to folders of tests, with plain calls.
enum TestFolder {
    static func make(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw TestFolderError("mkdir", path) }
    }

    static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw TestFolderError("open", path) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw TestFolderError("write", path) }
    }

    /// A file with 5,000 bytes at each place of `data`, and nothing else.
    static func makeSparse(_ path: String, size: Int, data: [Int]) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw TestFolderError("open", path) }
        defer { close(file) }
        guard ftruncate(file, size) == 0 else { throw TestFolderError("ftruncate", path) }
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
        for place in data {
            guard pwrite(file, bytes, bytes.count, place) == bytes.count else { throw TestFolderError("pwrite", path) }
        }
    }

    /// Nil if there is no such file.
    static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func bytes(_ path: String, at offset: Int, count: Int) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw TestFolderError("open", path) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(file, &bytes, count, offset) == count else { throw TestFolderError("pread", path) }
        return bytes
    }

    static func link(_ path: String, to target: String) throws {
        guard symlink(target, path) == 0 else { throw TestFolderError("symlink", path) }
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || rmdir(path) == 0 else { throw TestFolderError("unlink", path) }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func setTime(_ path: String, seconds: Int) throws {
        let times = [timespec(tv_sec: seconds, tv_nsec: 5), timespec(tv_sec: seconds, tv_nsec: 5)]
        guard utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw TestFolderError("utimensat", path)
        }
    }

    static func status(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw TestFolderError("lstat", path) }
        return status
    }
}

struct TestFolderError: Error, CustomStringConvertible {
    let description: String

    init(_ call: String, _ path: String) { description = "\(call) \(path): \(String(cString: strerror(errno)))" }
}
