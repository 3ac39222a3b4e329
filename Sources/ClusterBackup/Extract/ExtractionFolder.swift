#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// A folder that files are written into, held open. Every step goes from an open folder to a name in it that is no link,
/// so nothing outside the target can be reached, whoever swaps folders meanwhile. Source: man 2 openat.
final class ExtractionFolder {
    private let descriptor: CInt
    private let path: String

    private init(descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens the target itself; makes it if it is missing. Its own path may lead over links: whoever gave it meant it.
    convenience init(creating path: String, mayHaveFiles: Bool) throws(ClusterBackupError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw ClusterBackupError(.localDisk, "cannot make the folder '\(path)': \(systemMessage(errno))")
        }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ClusterBackupError(.localDisk, "cannot open the folder '\(path)': \(systemMessage(errno))")
        }
        self.init(descriptor: descriptor, path: path)
        guard mayHaveFiles || isEmpty else {
            throw ClusterBackupError(.alreadyExists, "the folder '\(path)' is not empty")
        }
    }

    private var isEmpty: Bool {
        // A second descriptor, because reading moves the place in the folder and closing takes it along.
        guard let stream = opendir(path) else { return false }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let isDot = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { strcmp($0, ".") == 0 || strcmp($0, "..") == 0 }
            }
            if !isDot { return false }
        }
        return true
    }

    /// The folder `name` in this one, made if it is missing.
    func subfolder(_ name: String) throws(ClusterBackupError) -> ExtractionFolder {
        let place = "\(path)/\(name)"
        if mkdirat(descriptor, name, 0o700) != 0, errno != EEXIST { throw failure("make the folder", place) }
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else {
            guard errno == ELOOP || errno == ENOTDIR else { throw failure("open the folder", place) }
            throw ClusterBackupError(.hostile, "'\(place)' is a link or a file where a folder should be")
        }
        return ExtractionFolder(descriptor: opened, path: place)
    }

    /// Writes a new file, 0600.
    func write(_ bytes: [UInt8], to name: String) throws(ClusterBackupError) {
        let place = "\(path)/\(name)"
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            guard errno == EEXIST else { throw failure("write", place) }
            throw ClusterBackupError(.alreadyExists, "'\(place)' is there already and is not overwritten")
        }
        var done = 0
        var problem: CInt?
        while done < bytes.count, problem == nil {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count >= 0 { done += count } else if errno != EINTR { problem = errno }
        }
        // Some file systems tell only here that the disk was full.
        if close(file) != 0, problem == nil { problem = errno }
        guard let problem else { return }
        unlinkat(descriptor, name, 0)
        throw ClusterBackupError(.localDisk, "cannot write '\(place)': \(systemMessage(problem))")
    }

    private func failure(_ doing: String, _ place: String) -> ClusterBackupError {
        ClusterBackupError(.localDisk, "cannot \(doing) '\(place)': \(systemMessage(errno))")
    }
}
