import Glibc

/// Lists of what to back up, as files hold them. Source: restic's documentation, "Including Files".
package enum TargetList {
    /// The lines that name something: without white space around, empty lines and comments.
    package static func lines(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            var line = Substring(line)
            while let first = line.first, first.isWhitespace { line.removeFirst() }
            while let last = line.last, last.isWhitespace { line.removeLast() }
            return line.isEmpty || line.hasPrefix("#") ? nil : String(line)
        }
    }

    /// Paths as they are, between separators; empty ones are none.
    package static func verbatim(_ bytes: [UInt8], separator: UInt8) -> [LocalPath] {
        bytes.split(separator: separator).map { LocalPath(bytes: Array($0)) }
    }

    /// The files of this machine that a pattern matches, name by name; a name without `*`, `?` and brackets stands for
    /// itself. Ascending.
    /// - Throws: `.invalid` for a name that is no pattern.
    package static func matches(of pattern: LocalPath, from folder: LocalPath) throws(FileError) -> [LocalPath] {
        var found = [LocalPath(bytes: pattern.isAbsolute ? [slash] : [])]
        for name in pattern.names {
            var next: [LocalPath] = []
            for path in found { next += try entries(of: path, matching: name, from: folder) }
            found = next
        }
        return found.filter { !$0.bytes.isEmpty }
    }

    private static func entries(
        of path: LocalPath, matching name: [UInt8], from folder: LocalPath
    ) throws(FileError) -> [LocalPath] {
        func inner(_ name: [UInt8]) -> LocalPath { path.bytes.isEmpty ? LocalPath(bytes: name) : path.appending(name) }
        guard name.contains(where: { Array("*?[\\".utf8).contains($0) }) else {
            return exists(inner(name).absolute(from: folder)) ? [inner(name)] : []
        }
        let pattern = try NamePattern(name)
        // What is no folder, or cannot be read, has no entries.
        guard let opened = try? Descriptor.open(path.absolute(from: folder)) else { return [] }
        let names = (try? FolderEntries.names(in: opened)) ?? []
        return names.filter { pattern.matches($0) }.map(inner)
    }

    private static func exists(_ path: LocalPath) -> Bool {
        var status = stat()
        do throws(SystemError) {
            _ = try withCName(path.bytes) { (name) throws(SystemError) in try systemCall { lstat(name, &status) } }
            return true
        } catch {
            return false
        }
    }
}
