import Glibc
import NIOCore
import Synchronization

/// The system calls of a folder store, all beneath one root, all blocking. No call follows a symbolic link: each folder
/// of a path is opened from the one above with `O_NOFOLLOW`. Source: man 2 openat.
struct FolderTree: Sendable {
    /// For messages.
    let path: String
    let root: Descriptor

    /// - Throws: `.notFound` if there is no such folder and `creates` is false.
    init(path: String, creates: Bool) throws(StoreError) {
        self.path = path
        do throws(SystemError) {
            if creates { try FolderTree.makeFolders(path) }
            root = Descriptor(try systemCall { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        } catch {
            throw StoreError(error, "opening the folder '\(path)'")
        }
    }

    /// Opens the folder named by `names`.
    /// - Parameter creates: makes those that are missing, readable by this user only, and syncs the one above.
    func open(_ names: [String], creates: Bool = false) throws(SystemError) -> Descriptor {
        var folder = root
        for name in names { folder = try FolderTree.open(name, in: folder, creates: creates) }
        return folder
    }

    static func open(_ name: String, in folder: Descriptor, creates: Bool = false) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        do {
            return Descriptor(try systemCall { openat(folder.raw, name, flags) })
        } catch let error where creates && error.number == ENOENT {
            do {
                _ = try systemCall { mkdirat(folder.raw, name, 0o700) }
                try sync(folder)
            } catch let error where error.number == EEXIST {
                // Another writer was faster.
            }
            return Descriptor(try systemCall { openat(folder.raw, name, flags) })
        }
    }

    /// Opens an object's file for reading. A pipe or a device is no object: `O_NONBLOCK` keeps the call from waiting.
    static func openFile(_ name: String, in folder: Descriptor) throws(SystemError) -> (Descriptor, FileState) {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file: Descriptor
        do {
            file = Descriptor(try systemCall { openat(folder.raw, name, flags) })
        } catch let error where error.number == ELOOP || error.number == ENXIO {
            throw SystemError(number: ENOENT)
        }
        guard let state = FileState(try status(of: file)) else { throw SystemError(number: ENOENT) }
        return (file, state)
    }

    /// The file `name`, nil if there is none or it is something else than a file.
    static func state(of name: String, in folder: Descriptor) throws(SystemError) -> FileState? {
        var status = stat()
        do {
            _ = try systemCall { fstatat(folder.raw, name, &status, AT_SYMLINK_NOFOLLOW) }
        } catch let error where error.number == ENOENT {
            return nil
        }
        return FileState(status)
    }

    static func status(of file: Descriptor) throws(SystemError) -> stat {
        var status = stat()
        _ = try systemCall { fstat(file.raw, &status) }
        return status
    }

    static func sync(_ file: Descriptor) throws(SystemError) {
        do {
            _ = try systemCall { fsync(file.raw) }
        } catch let error where error.number == EINVAL || error.number == ENOTSUP {
            // A file system that cannot sync a folder does not need to.
        }
    }

    private static func makeFolders(_ path: String) throws(SystemError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            made += name
            do {
                _ = try systemCall { mkdir(made, 0o700) }
            } catch let error where error.number == EEXIST || error.number == EACCES || error.number == EROFS {
                // What is missing shows when the folder is opened.
            }
            made += "/"
        }
    }
}
