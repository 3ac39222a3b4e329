import ClusterBackup
import KubernetesModel
import NIOCore

/// Builds tar files by hand, honest and hostile ones.
struct TestArchive {
    private(set) var tar: [UInt8] = []

    mutating func add(
        _ path: String, _ content: String = "{}", type: Character = "0", size: Int? = nil, breakChecksum: Bool = false
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        block.replaceSubrange(0..<min(100, path.utf8.count), with: path.utf8.prefix(100))
        block.replaceSubrange(100..<108, with: "0000755\0".utf8)
        block.replaceSubrange(124..<136, with: (octal(size ?? content.utf8.count, 11) + "\0").utf8)
        block.replaceSubrange(136..<148, with: "00000000000\0".utf8)
        block.replaceSubrange(148..<156, with: "        ".utf8)
        block[156] = type.asciiValue ?? 0
        block.replaceSubrange(257..<265, with: "ustar\u{0}00".utf8)
        let sum = block.reduce(breakChecksum ? 1 : 0) { $0 + Int($1) }
        block.replaceSubrange(148..<156, with: (octal(sum, 6) + "\0 ").utf8)
        tar += block
        tar += Array(content.utf8)
        tar += [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    }

    mutating func end() { tar += [UInt8](repeating: 0, count: 1024) }

    func packed() -> [UInt8] { Array(buffer: Gzip.compress(tar)) }

    private func octal(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// A whole archive with one entry beside the version.
    static func with(_ path: String, type: Character = "0", content: String = "{}") -> [UInt8] {
        var archive = TestArchive()
        archive.add("metadata/version", "1.1.0\n")
        archive.add(path, content, type: type)
        archive.end()
        return archive.packed()
    }
}

extension Array where Element == UInt8 {
    init(buffer: ByteBuffer) { self = Array(buffer.readableBytesView) }
}

/// The error that `work` throws, or nil.
func thrown(_ work: () throws -> Void) -> ClusterBackupError? {
    do {
        try work()
        return nil
    } catch {
        return error as? ClusterBackupError
    }
}
