import CLinux
import Glibc

/// The content type and metadata of an object, kept in one extended attribute of its file, so that the file itself stays
/// what it is. A line each: `NAME VALUE`. Source: man 7 xattr.
struct FolderAttributes: Hashable {
    var contentType: String?
    var metadata: [String: String] = [:]

    private static let name = "user.martlet.object"
    /// More than ext4 keeps in a block; an attribute that is larger is not ours.
    private static let largest = 64 << 10

    var isEmpty: Bool { contentType == nil && metadata.isEmpty }

    /// - Throws: `.invalid` if a name or value could not be read back, or more than S3's 2 KiB of metadata.
    func encoded(for key: ObjectKey) throws(StoreError) -> [UInt8] {
        var lines: [String] = []
        if let contentType { lines.append("content-type \(contentType)") }
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { lines.append("meta-\(name) \(value)") }
        let breaks = lines.contains { $0.utf8.contains(10) || $0.utf8.contains(0) }
        let size = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard !breaks, size <= 2048, !metadata.keys.contains(where: { $0.isEmpty || $0.utf8.contains(32) }) else {
            throw StoreError(
                .invalid,
                "metadata of '\(key)' must be single lines without spaces in names, at most 2048 bytes together")
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Nothing for a text that this type did not write.
    init(decoding bytes: [UInt8]) {
        for line in bytes.split(separator: 10) {
            let halves = line.split(separator: 32, maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { continue }
            let name = String(decoding: halves[0], as: UTF8.self)
            let value = String(decoding: halves[1], as: UTF8.self)
            if name == "content-type" {
                contentType = value
            } else if name.hasPrefix("meta-") {
                metadata[String(name.dropFirst(5))] = value
            }
        }
    }

    init(contentType: String?, metadata: [String: String]) {
        self.contentType = contentType
        self.metadata = metadata
    }

    /// What the open file carries; nothing on file systems without attributes.
    static func read(from file: Descriptor) -> FolderAttributes {
        // Almost every file has none: one call then.
        let size = fgetxattr(file.raw, name, nil, 0)
        guard size > 0, size <= largest else { return FolderAttributes(contentType: nil, metadata: [:]) }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, fgetxattr(file.raw, name, buffer.baseAddress, buffer.count))
        }
        return FolderAttributes(decoding: bytes)
    }

    /// - Throws: `.unsupported` if there is metadata and the file system keeps no attributes. A content type alone is
    ///   left out there: it is advice to browsers.
    func write(to file: Descriptor, for key: ObjectKey) throws(StoreError) {
        guard !isEmpty else { return }
        let bytes = try encoded(for: key)
        guard fsetxattr(file.raw, FolderAttributes.name, bytes, bytes.count, 0) != 0 else { return }
        let error = SystemError(number: errno)
        if metadata.isEmpty, error.number == ENOTSUP { return }
        throw StoreError(error, "keeping the metadata of '\(key)' as an extended attribute of its file")
    }
}
