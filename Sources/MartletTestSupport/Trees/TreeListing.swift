import CLinux
import Glibc

/// Everything that a backup must bring back of a folder, read with plain calls that share nothing with the code under test.
package struct TreeListing: Sendable {
    package struct Entry: Sendable, Hashable {
        /// `st_mode`, kind and permissions.
        package var mode: UInt32 = 0
        package var owner: UInt32 = 0
        package var group: UInt32 = 0
        package var modifiedSeconds = 0
        package var modifiedNanoseconds = 0
        package var size = 0
        package var device: UInt64 = 0
        package var linkTarget: [UInt8] = []
        /// Of a file: length and a hash of the bytes.
        package var content: UInt64 = 0
        package var attributes: [[UInt8]: [UInt8]] = [:]
        /// The first path, in the order of bytes, of the same file; empty for a file of one name.
        package var sameAs: [UInt8] = []
        /// Bytes on the disk.
        package var allocated = 0

        package var kind: UInt32 { mode & 0o170000 }
    }

    /// By path, `/` between names, without one in front. The folder itself is not among them.
    package private(set) var entries: [[UInt8]: Entry] = [:]

    /// - Parameter path: a folder. Sockets in it are passed over: no backup keeps them.
    package init(of path: String) throws {
        var names: [UInt64: [[UInt8]]] = [:]
        try read(Array(path.utf8), [], &names)
        for paths in names.values where paths.count > 1 {
            let sorted = paths.sorted { $0.lexicographicallyPrecedes($1) }
            for path in sorted { entries[path]?.sameAs = sorted[0] }
        }
    }

    /// How this listing differs from `other`, a line each, at most 20; empty if it does not.
    /// - Parameter comparesHoles: whether a file may not take more room on the disk than its twin, give or take 64 KiB.
    package func differences(from other: TreeListing, comparesHoles: Bool = false) -> [String] {
        var lines: [String] = []
        for path in Set(entries.keys).union(other.entries.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let name = "'\(String(decoding: path, as: UTF8.self))'"
            switch (entries[path], other.entries[path]) {
            case (let mine?, let theirs?):
                lines += mine.differences(from: theirs, comparesHoles).map { "\(name): \($0)" }
            case (_?, nil): lines.append("\(name) is here only")
            case (nil, _): lines.append("\(name) is missing here")
            }
            if lines.count >= 20 { return lines }
        }
        return lines
    }

    private mutating func read(_ folder: [UInt8], _ prefix: [UInt8], _ names: inout [UInt64: [[UInt8]]]) throws {
        for name in try TreeListing.names(in: folder) {
            let path = folder + [47] + name
            let key = prefix.isEmpty ? name : prefix + [47] + name
            var status = stat()
            guard lstat(cString(path), &status) == 0 else { throw TreeError("lstat", path) }
            let kind = status.st_mode & 0o170000
            if kind == 0o140000 { continue }
            var entry = Entry()
            entry.mode = status.st_mode
            entry.owner = status.st_uid
            entry.group = status.st_gid
            entry.modifiedSeconds = status.st_mtim.tv_sec
            entry.modifiedNanoseconds = status.st_mtim.tv_nsec
            entry.device = kind == 0o020000 || kind == 0o060000 ? UInt64(status.st_rdev) : 0
            entry.attributes = try TreeListing.attributes(of: path)
            if kind == 0o120000 { entry.linkTarget = try TreeListing.linkTarget(of: path) }
            if kind == 0o100000 {
                entry.size = Int(status.st_size)
                entry.allocated = Int(status.st_blocks) * 512
                entry.content = try TreeListing.hash(of: path)
                if status.st_nlink > 1 { names[UInt64(status.st_ino), default: []].append(key) }
            }
            entries[key] = entry
            if kind == 0o040000 { try read(path, key, &names) }
        }
    }

    private static func names(in folder: [UInt8]) throws -> [[UInt8]] {
        guard let stream = opendir(cString(folder)) else { throw TreeError("opendir", folder) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let record = readdir(stream) {
            let name = withUnsafeBytes(of: &record.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46], name != [46, 46] { names.append(name) }
        }
        return names
    }

    private static func attributes(of path: [UInt8]) throws -> [[UInt8]: [UInt8]] {
        var list = [CChar](repeating: 0, count: 64 << 10)
        let length = llistxattr(cString(path), &list, list.count)
        guard length >= 0 else {
            if errno == ENOTSUP { return [:] }
            throw TreeError("llistxattr", path)
        }
        var attributes: [[UInt8]: [UInt8]] = [:]
        for name in list[..<length].split(separator: 0) {
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let count = lgetxattr(cString(path), Array(name) + [0], &value, value.count)
            guard count >= 0 else { throw TreeError("lgetxattr", path) }
            attributes[name.map { UInt8(bitPattern: $0) }] = Array(value[..<count])
        }
        return attributes
    }

    private static func linkTarget(of path: [UInt8]) throws -> [UInt8] {
        var target = [CChar](repeating: 0, count: 4097)
        let length = readlink(cString(path), &target, target.count)
        guard length >= 0 else { throw TreeError("readlink", path) }
        return target[..<length].map { UInt8(bitPattern: $0) }
    }

    /// FNV-1a over words, which tells files apart and is not what the code under test uses.
    private static func hash(of path: [UInt8]) throws -> UInt64 {
        let file = open(cString(path), O_RDONLY | O_NOFOLLOW)
        guard file >= 0 else { throw TreeError("open", path) }
        defer { close(file) }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var buffer = [UInt64](repeating: 0, count: 32 << 10)
        while true {  // Ends at the end of the file.
            let count = buffer.withUnsafeMutableBytes { bytes -> Int in
                let count = Glibc.read(file, bytes.baseAddress!, bytes.count)
                if count > 0, count % 8 != 0 {
                    for index in count..<(count + 8 - count % 8) { bytes[index] = 0 }
                }
                return count
            }
            guard count >= 0 else { throw TreeError("read", path) }
            if count == 0 { return hash }
            for index in 0..<((count + 7) / 8) { hash = (hash ^ buffer[index]) &* 0x0000_0100_0000_01b3 }
            hash = hash ^ UInt64(count)
        }
    }
}

extension TreeListing.Entry {
    fileprivate func differences(from other: TreeListing.Entry, _ comparesHoles: Bool) -> [String] {
        var lines: [String] = []
        func compare<Value: Equatable>(_ what: String, _ mine: Value, _ theirs: Value) {
            if mine != theirs { lines.append("\(what) \(mine) instead of \(theirs)") }
        }
        compare("mode", String(mode, radix: 8), String(other.mode, radix: 8))
        compare("owner", owner, other.owner)
        compare("group", group, other.group)
        compare("seconds", modifiedSeconds, other.modifiedSeconds)
        compare("nanoseconds", modifiedNanoseconds, other.modifiedNanoseconds)
        compare("size", size, other.size)
        compare("device", device, other.device)
        compare("target", linkTarget, other.linkTarget)
        compare("content", content, other.content)
        compare("attributes", attributes, other.attributes)
        compare("first name", sameAs, other.sameAs)
        if comparesHoles, allocated > other.allocated + (64 << 10) {
            lines.append("\(allocated) bytes on the disk instead of \(other.allocated)")
        }
        return lines
    }
}

/// A call on a test's own tree failed.
package struct TreeError: Error, CustomStringConvertible {
    package let description: String

    init(_ call: String, _ path: [UInt8]) {
        description = "\(call) '\(String(decoding: path, as: UTF8.self))': \(String(cString: strerror(errno)))"
    }
}

func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
