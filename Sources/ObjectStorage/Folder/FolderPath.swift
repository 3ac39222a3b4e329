import Basics

/// Where an object lies beneath the root of a folder store: names of folders, then the name of a file.
///
/// A key's segments are the names, so `backups/daily/velero-backup.json` is that very file. Segments that no file can
/// have (`..`, `.`, the empty one of `a//b` and `a/`) and those that begin like the store's own files are spelt
/// `.martlet-key-` and their bytes in hexadecimal. Every path stays beneath the root, because no name is `.` or `..`.
struct FolderPath: Hashable {
    let folders: [String]
    let file: String

    /// - Throws: `.unsupported` if a segment is longer than the 255 bytes of a Linux file name.
    init(_ key: ObjectKey) throws(StoreError) {
        var names: [String] = []
        for segment in key.text.utf8.split(separator: slash, omittingEmptySubsequences: false) {
            let name = FolderPath.name(of: String(decoding: segment, as: UTF8.self))
            guard name.utf8.count <= 255 else {
                throw StoreError(
                    .unsupported,
                    "a folder cannot keep '\(key)': the part between its slashes becomes a file name, which may have 255 bytes"
                )
            }
            names.append(name)
        }
        file = names.removeLast()
        folders = names
    }

    /// The folders that `prefix` names completely, nil if none can have such a name; and their text with the last slash.
    static func folders(of prefix: String) -> (names: [String], text: String)? {
        let segments = prefix.utf8.split(separator: slash, omittingEmptySubsequences: false).dropLast()
        let names = segments.map { name(of: String(decoding: $0, as: UTF8.self)) }
        guard names.allSatisfy({ $0.utf8.count <= 255 }) else { return nil }
        let length = segments.reduce(0) { $0 + $1.count + 1 }
        return (names, String(decoding: prefix.utf8.prefix(length), as: UTF8.self))
    }

    /// The name of the file or folder for `segment`.
    static func name(of segment: String) -> String {
        let isPlain = !segment.isEmpty && segment != "." && segment != ".." && !segment.hasBytePrefix(ownPrefix)
        return isPlain ? segment : escapePrefix + Hex.encode(Array(segment.utf8))
    }

    /// The segment that `name` stands for, or nil if it belongs to the store itself.
    static func segment(of name: String) -> String? {
        guard name.hasBytePrefix(ownPrefix) else { return name }
        guard name.hasBytePrefix(escapePrefix), let bytes = Hex.decode(name.droppingBytes(escapePrefix.utf8.count)),
            let segment = String(validating: bytes, as: UTF8.self), FolderPath.name(of: segment) == name
        else { return nil }
        return segment
    }

    static let temporaryPrefix = ".martlet-tmp-"
    private static let ownPrefix = ".martlet-"
    private static let escapePrefix = ".martlet-key-"
}

private let slash = UInt8(ascii: "/")
