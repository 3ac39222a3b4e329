import Glibc

/// A name in a folder, as it stands in keys. Ordered as keys are: a folder sorts by its name and a slash.
struct FolderEntry: Sendable, Hashable, Comparable {
    /// On the disk.
    let name: String
    /// In the key.
    let segment: String
    let isFolder: Bool

    static func == (left: FolderEntry, right: FolderEntry) -> Bool {
        left.isFolder == right.isFolder && left.segment.hasSameBytes(as: right.segment)
    }

    static func < (left: FolderEntry, right: FolderEntry) -> Bool {
        let pairs = zip(left.segment.utf8, right.segment.utf8)
        if let (mine, theirs) = pairs.first(where: { $0 != $1 }) { return mine < theirs }
        let shorter = min(left.segment.utf8.count, right.segment.utf8.count)
        return left.byte(at: shorter) < right.byte(at: shorter)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isFolder)
        for byte in segment.utf8 { hasher.combine(byte) }
    }

    /// The byte of the key at `index`, which is at most the segment's length; 0 behind the end of a file's key.
    private func byte(at index: Int) -> UInt8 {
        let bytes = segment.utf8
        if index < bytes.count { return bytes[bytes.index(bytes.startIndex, offsetBy: index)] }
        return isFolder ? UInt8(ascii: "/") : 0
    }

    /// The `count` smallest entries of `folder` that `isWanted`, in order. Memory: twice as many.
    static func smallest(
        _ count: Int, in folder: Descriptor, isWanted: (FolderEntry) -> Bool
    ) throws(SystemError) -> [FolderEntry] {
        var found: [FolderEntry] = []
        try forEach(in: folder) { entry in
            if isWanted(entry) { found.append(entry) }
            if found.count == count * 2 {
                found.sort()
                found.removeLast(count)
            }
            return true
        }
        found.sort()
        if found.count > count { found.removeLast(found.count - count) }
        return found
    }

    /// Whether there is any object in `folder` or beneath.
    static func hasObject(in folder: Descriptor) throws(SystemError) -> Bool {
        var folders: [String] = []
        var hasFile = false
        try forEach(in: folder) { entry in
            if entry.isFolder { folders.append(entry.name) } else { hasFile = true }
            return !hasFile
        }
        if hasFile { return true }
        for name in folders where try hasObject(in: FolderTree.open(name, in: folder)) { return true }
        return false
    }

    /// Calls `visit` for each file and folder until it returns false. Links, pipes, names that are no UTF-8 and the store's
    /// own files are passed over.
    private static func forEach(in folder: Descriptor, visit: (FolderEntry) -> Bool) throws(SystemError) {
        // A descriptor of its own: two walks of one descriptor would share its position.
        let raw = try systemCall { openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(raw) else {
            let number = errno
            close(raw)
            throw SystemError(number: number)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let record = readdir(stream) else {
                if errno != 0 { throw SystemError(number: errno) }
                return
            }
            if let entry = try read(record, in: folder), !visit(entry) { return }
        }
    }

    private static func read(
        _ record: UnsafeMutablePointer<dirent>, in folder: Descriptor
    ) throws(SystemError) -> FolderEntry? {
        let text = withUnsafePointer(to: &record.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
        }
        guard let name = text, name != ".", name != "..", let segment = FolderPath.segment(of: name) else { return nil }
        switch Int32(record.pointee.d_type) {
        case Int32(DT_REG): return FolderEntry(name: name, segment: segment, isFolder: false)
        case Int32(DT_DIR): return FolderEntry(name: name, segment: segment, isFolder: true)
        case Int32(DT_UNKNOWN): return try look(name, segment, in: folder)
        default: return nil
        }
    }

    /// For file systems that do not tell the kind with the name.
    private static func look(
        _ name: String, _ segment: String, in folder: Descriptor
    ) throws(SystemError) -> FolderEntry? {
        var status = stat()
        do {
            _ = try systemCall { fstatat(folder.raw, name, &status, AT_SYMLINK_NOFOLLOW) }
        } catch let error where error.number == ENOENT {
            return nil
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return FolderEntry(name: name, segment: segment, isFolder: false)
        case S_IFDIR: return FolderEntry(name: name, segment: segment, isFolder: true)
        default: return nil
        }
    }
}
