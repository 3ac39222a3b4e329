import CLinux
import Glibc

/// Makes folders full of what file systems allow, always the same for a seed: odd names, holes, hard links, extended
/// attributes, links into nothing, pipes, devices, times before 1970.
package struct TreeGenerator {
    /// What a tree may hold; a referee may not know all of it.
    package struct Features: Sendable {
        /// Link targets that are no UTF-8: restic keeps them since 0.16.
        package var rawLinkTargets = true
        /// Devices, other owners, trusted attributes; needs root.
        package var privileged = geteuid() == 0
        /// Seconds since 1970; restic cannot restore times after 2262.
        package var latestTime = 10_000_000_000
        /// In bytes; larger files are rare.
        package var largestFile = 64 << 10
        /// Names in all.
        package var items = 24

        package init() {}
    }

    private var random: SeededGenerator
    private let features: Features
    private var files: [[UInt8]] = []
    private var folders: [[UInt8]] = []
    private var finishing: [(path: [UInt8], isFolder: Bool)] = []

    package init(seed: UInt64, features: Features = Features()) {
        random = SeededGenerator(seed: seed)
        self.features = features
    }

    /// Fills `path`, an empty folder.
    package mutating func fill(_ path: String) throws {
        folders = [Array(path.utf8)]
        let count = Int.random(in: 0...features.items, using: &random)
        for _ in 0..<count { try add() }
        // Times last, folders after what is in them.
        for (path, isFolder) in finishing.reversed() { try finish(path, isFolder: isFolder) }
    }

    // MARK: Items

    private mutating func add() throws {
        let folder = folders.randomElement(using: &random)!
        let path = folder + [47] + name()
        var status = stat()
        if path.count > 3000 || lstat(cString(path), &status) == 0 { return }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4:
            try check(mkdir(cString(path), 0o755), "mkdir", path)
            folders.append(path)
            finishing.append((path, true))
        case 4..<6: try check(symlink(cString(linkTarget()), cString(path)), "symlink", path)
        case 6 where !files.isEmpty:
            try check(link(cString(files.randomElement(using: &random)!), cString(path)), "link", path)
        case 7: try check(mkfifo(cString(path), 0o600), "mkfifo", path)
        case 8 where features.privileged: try addDevice(path)
        case 9: try addSparse(path)
        case 10 where Bool.random(using: &random):
            try check(mknod(cString(path), 0o140600, 0), "mknod", path)
            return
        default: try addFile(path)
        }
        if finishing.last?.path != path { finishing.append((path, false)) }
    }

    private mutating func addDevice(_ path: [UInt8]) throws {
        let isBlock = Bool.random(using: &random)
        let device = linux_device(
            UInt32.random(in: 1...300, using: &random), UInt32.random(in: 0...70_000, using: &random))
        try check(mknod(cString(path), (isBlock ? 0o060000 : 0o020000) | 0o600, UInt(device)), "mknod", path)
    }

    private mutating func addFile(_ path: [UInt8]) throws {
        let file = try create(path)
        defer { close(file) }
        files.append(path)
        let size: Int
        switch Int.random(in: 0..<10, using: &random) {
        case 0: size = 0
        case 1: size = 1
        case 2: size = Int.random(in: 0...features.largestFile, using: &random)
        default: size = Int.random(in: 0...2000, using: &random)
        }
        try write(size, to: file, at: 0, path)
    }

    /// Holes in front, within and behind.
    private mutating func addSparse(_ path: [UInt8]) throws {
        let file = try create(path)
        defer { close(file) }
        files.append(path)
        let size = Int.random(in: 0...features.largestFile * 16, using: &random)
        try check(ftruncate(file, size), "ftruncate", path)
        for _ in 0..<Int.random(in: 0...3, using: &random) where size > 0 {
            let offset = Int.random(in: 0..<size, using: &random)
            try write(min(size - offset, Int.random(in: 1...5000, using: &random)), to: file, at: offset, path)
        }
    }

    private mutating func create(_ path: [UInt8]) throws -> Int32 {
        let file = open(cString(path), O_WRONLY | O_CREAT | O_EXCL, 0o600)
        try check(file < 0 ? -1 : 0, "open", path)
        return file
    }

    private mutating func write(_ count: Int, to file: Int32, at offset: Int, _ path: [UInt8]) throws {
        // Of few letters now and then, so that compression has something to do.
        let mask: UInt8 = Bool.random(using: &random) ? 0x0F : 0xFF
        var bytes = [UInt8](repeating: 0, count: count)
        var index = 0
        while index < count {
            var word = random.next()
            for _ in 0..<min(8, count - index) {
                bytes[index] = UInt8(truncatingIfNeeded: word) & mask
                word >>= 8
                index += 1
            }
        }
        try check(pwrite(file, bytes, count, offset) == count ? 0 : -1, "pwrite", path)
    }

    // MARK: Names

    private mutating func name() -> [UInt8] {
        let odd: [[UInt8]] = [
            Array("a b".utf8), Array("quote\"s'".utf8), Array("back\\slash".utf8), Array("line\nfeed".utf8),
            Array("tab\tand\u{7}bell".utf8), [0x66, 0xFE, 0xFF], [0xC3], Array("übung-日本-🐦".utf8),
            Array("<&>".utf8), Array("-rf".utf8), Array("*?[a]".utf8), Array("...".utf8),
            Array("nb\u{a0}sp\u{2028}".utf8),
            [0x7F, 0x01], [UInt8](repeating: 0x61, count: 255), Array(".hidden".utf8), Array("e\u{301}".utf8),
        ]
        if Int.random(in: 0..<3, using: &random) == 0 { return odd.randomElement(using: &random)! }
        let length = Int.random(in: 1...12, using: &random)
        return (0..<length).map { _ in UInt8.random(in: 97...122, using: &random) }
    }

    private mutating func linkTarget() -> [UInt8] {
        var targets: [[UInt8]] = [
            Array("/nowhere/at/all".utf8), Array("..".utf8), Array("../../etc/passwd".utf8), Array("a b\"<\n>".utf8),
            [UInt8](repeating: 0x78, count: 1000), Array("übung".utf8), Array("/etc/passwd".utf8), Array("./self".utf8),
        ]
        if features.rawLinkTargets { targets.append([0x2F, 0xFE, 0x80, 0x0A]) }
        return targets.randomElement(using: &random)!
    }

    // MARK: Metadata

    private mutating func finish(_ path: [UInt8], isFolder: Bool) throws {
        var status = stat()
        try check(lstat(cString(path), &status), "lstat", path)
        let kind = status.st_mode & 0o170000
        if features.privileged, Bool.random(using: &random) {
            let owner = [0, 1000, 65_534, 4_000_000_000].randomElement(using: &random)!
            try check(lchown(cString(path), UInt32(owner), UInt32.random(in: 0...2000, using: &random)), "lchown", path)
        }
        if kind == 0o100000 || kind == 0o040000 { try setAttributes(path) }
        if kind != 0o120000 {
            let special: [UInt32] = [0, 0, 0, 0, 0o4000, 0o2000, 0o1000, 0o7000]
            var permissions = UInt32.random(in: 0...0o777, using: &random) | special.randomElement(using: &random)!
            // Without privileges everything must stay readable, folders writable too.
            if !features.privileged { permissions = permissions & 0o777 | (isFolder ? 0o700 : 0o400) }
            try check(chmod(cString(path), permissions), "chmod", path)
        }
        let seconds = Int.random(in: -2_000_000_000...features.latestTime, using: &random)
        let nanoseconds = Bool.random(using: &random) ? Int.random(in: 0..<1_000_000_000, using: &random) : 0
        let times = [timespec(tv_sec: seconds, tv_nsec: nanoseconds), timespec(tv_sec: seconds, tv_nsec: nanoseconds)]
        try check(utimensat(AT_FDCWD, cString(path), times, AT_SYMLINK_NOFOLLOW), "utimensat", path)
    }

    private mutating func setAttributes(_ path: [UInt8]) throws {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return }
        for index in 0..<Int.random(in: 1...3, using: &random) {
            let value = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            try setAttribute("user.martlet-\(index)<&é", value, path)
        }
        if features.privileged, Bool.random(using: &random) { try setAttribute("trusted.martlet", [0, 255], path) }
        if Bool.random(using: &random) { try setAttribute("system.posix_acl_access", TreeGenerator.accessList, path) }
    }

    /// `u::rw-,u:1234:r--,g::r--,m::r--,o::---`. Source: linux/posix_acl_xattr.h: version 2, then tag, permissions, id.
    private static let accessList: [UInt8] = {
        var bytes: [UInt8] = [2, 0, 0, 0]
        let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
            (0x01, 6, .max), (0x02, 4, 1234), (0x04, 4, .max), (0x10, 4, .max), (0x20, 0, .max),
        ]
        for (tag, permissions, id) in entries {
            withUnsafeBytes(of: tag.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: permissions.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: id.littleEndian) { bytes += $0 }
        }
        return bytes
    }()

    private func setAttribute(_ name: String, _ value: [UInt8], _ path: [UInt8]) throws {
        let result = lsetxattr(cString(path), name, value, value.count, 0)
        // A file system without attributes makes a poorer test.
        if result != 0, errno == ENOTSUP { return }
        try check(result, "lsetxattr \(name)", path)
    }

    private func check(_ result: Int32, _ call: String, _ path: [UInt8]) throws {
        if result < 0 { throw TreeError(call, path) }
    }
}
